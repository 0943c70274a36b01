import { answerOf, type Answer } from './answers.ts';
import { isMalformed } from './arguments.ts';
import { viewProblems } from './block-kit.ts';
import { view as viewSchema, type View } from './block-schemas.ts';
import { refusalOf, refuse, type Decision } from '../messages.ts';
import { team, bot } from '../state.ts';
import type { World } from '../world.ts';

/** `views.publish`: the App Home of one person. https://docs.slack.dev/reference/methods/views.publish */
export function publishView(world: World, user: string, view: unknown, id: string): Answer {
  if (!world.workspace().users.has(user)) return answerOf(refuse('user_not_found'));
  const judged = judge(view, id);
  if (!judged.ok) return answerOf(judged);
  world.commit({ kind: 'home', home: { user, id, view: judged.value } });
  return { ok: true, view: viewAnswer(judged.value, id) };
}

export function viewAnswer(view: View, id: string) {
  return { id, team_id: team.id, app_id: bot.app_id, bot_id: bot.bot_id, ...view };
}

function judge(view: unknown, id: string): Decision<View> {
  if (view === undefined || isMalformed(view)) return refuse('invalid_arguments', ['view is no view']);
  const problems = viewProblems(view);
  if (problems[0] !== undefined) {
    return { ...refusalOf(problems[0], problems), error: 'invalid_arguments' };
  }
  const parsed = viewSchema.parse(view);
  // As in a message, Slack names every block that has no name.
  const blocks = parsed.blocks.map((block, index) => ({
    ...block,
    block_id: block.block_id ?? `${id}/${index}`,
  }));
  return { ok: true, value: { ...parsed, blocks } };
}
