import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { answerOf, messageView, userView, type Answer } from './answers.ts';
import {
  count,
  flag,
  isMalformed,
  list,
  object,
  optionalText,
  required,
  type Arguments,
} from './arguments.ts';
import { messageAt } from '../changes.ts';
import { history, post, refuse, remove, replies, update, type Decision, type Page } from '../messages.ts';
import { bot, team } from '../state.ts';
import { publishView } from './views.ts';
import { shown, type World } from '../world.ts';

export type Call = {
  readonly world: World;
  readonly args: Arguments;
  /** Of the workspace, without a slash at its end. */
  readonly url: string;
};

type Method = (call: Call) => Answer;

/** A method whose arguments are read by a schema first. */
function method<T>(schema: z.ZodType<T>, run: (args: T, call: Call) => Answer): Method {
  return (call) => {
    const parsed = schema.safeParse(call.args);
    if (parsed.success) return run(parsed.data, call);
    const details = parsed.error.issues.map(({ path, message }) => `${message} [${path.join('.')}]`);
    return answerOf(refuse('invalid_arguments', details));
  };
}

const content = { text: optionalText, blocks: list, metadata: object };
type Content = { readonly text?: string | undefined; readonly blocks?: unknown; readonly metadata?: unknown };
const range = {
  channel: required,
  oldest: optionalText,
  limit: count,
  cursor: optionalText,
  include_all_metadata: flag,
};

const postMessage = method(
  z.object({
    channel: required,
    thread_ts: optionalText,
    ...content,
  }),
  (args, { world }) => {
    const decision = unlessMalformed(args, () => post(world.workspace(), args, world.nextTs()));
    if (!decision.ok) return answerOf(decision);
    world.commit(decision.value);
    const { message } = decision.value;
    return {
      ok: true,
      channel: message.channel,
      ts: message.ts,
      message: messageView(shown(message), { withMetadata: true }),
    };
  },
);

const updateMessage = method(z.object({ channel: required, ts: required, ...content }), (args, { world }) => {
  const decision = unlessMalformed(args, () => update(world.workspace(), args, world.nextTs()));
  if (!decision.ok) return answerOf(decision);
  world.commit(decision.value);
  const { channel, ts, text } = decision.value;
  const message = messageAt(world.workspace(), channel, ts);
  return {
    ok: true,
    channel,
    ts,
    text,
    ...(message && { message: messageView(shown(message), { withMetadata: true }) }),
  };
});

const deleteMessage = method(z.object({ channel: required, ts: required }), ({ channel, ts }, { world }) => {
  const decision = remove(world.workspace(), channel, ts);
  if (!decision.ok) return answerOf(decision);
  world.commit(decision.value);
  return { ok: true, channel, ts };
});

const getPermalink = method(
  z.object({ channel: required, message_ts: required }),
  ({ channel, message_ts: ts }, { world, url }) => {
    if (!world.workspace().channels.has(channel)) return answerOf(refuse('channel_not_found'));
    const message = messageAt(world.workspace(), channel, ts);
    if (message === undefined) return answerOf(refuse('message_not_found'));
    const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel}`;
    return { ok: true, channel, permalink: `${url}/archives/${channel}/p${ts.replace('.', '')}${thread}` };
  },
);

const channelHistory = method(z.object(range), (args, { world }) =>
  pageAnswer(history(world.workspace(), args.channel, args), args.include_all_metadata === true),
);

const threadReplies = method(z.object({ ...range, ts: required }), (args, { world }) =>
  pageAnswer(replies(world.workspace(), args.channel, args.ts, args), args.include_all_metadata === true),
);

const lookupByEmail = method(z.object({ email: required }), ({ email }, { world }) => {
  const wanted = email.toLowerCase();
  const found = [...world.workspace().users.values()].find((user) => user.email.toLowerCase() === wanted);
  return found === undefined ? answerOf(refuse('users_not_found')) : { ok: true, user: userView(found) };
});

const publish = method(z.object({ user_id: required, view: object }), ({ user_id, view }, { world }) =>
  publishView(world, user_id, view, newViewId()),
);

/** The methods of the Web API that Ronda calls. https://docs.slack.dev/reference/methods */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['api.test', ({ args }) => ({ ok: true, args })],
  [
    'auth.test',
    ({ url }) => ({
      ok: true,
      url: `${url}/`,
      team: team.name,
      user: 'ronda',
      team_id: team.id,
      user_id: bot.user,
      bot_id: bot.bot_id,
      is_enterprise_install: false,
    }),
  ],
  [
    'bots.info',
    () => ({
      ok: true,
      bot: { id: bot.bot_id, app_id: bot.app_id, user_id: bot.user, name: 'ronda', deleted: false },
    }),
  ],
  ['chat.postMessage', postMessage],
  ['chat.update', updateMessage],
  ['chat.delete', deleteMessage],
  ['chat.getPermalink', getPermalink],
  ['conversations.history', channelHistory],
  ['conversations.replies', threadReplies],
  ['users.lookupByEmail', lookupByEmail],
  ['views.publish', publish],
]);

function pageAnswer(page: Decision<Page>, withMetadata: boolean): Answer {
  if (!page.ok) return answerOf(page);
  const { messages, has_more, next_cursor } = page.value;
  return {
    ok: true,
    messages: messages.map((message) => messageView(shown(message), { withMetadata })),
    has_more,
    ...(next_cursor === undefined ? {} : { response_metadata: { next_cursor } }),
  };
}

/** Blocks that are no list are refused before Block Kit's rules are asked. */
function unlessMalformed<T>({ blocks, metadata }: Content, decide: () => Decision<T>): Decision<T> {
  if (isMalformed(blocks)) return refuse('invalid_blocks_format');
  if (isMalformed(metadata)) return refuse('invalid_metadata_format');
  return decide();
}

function newViewId(): string {
  return `V${randomBytes(5).toString('hex').toUpperCase()}`;
}
