import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { messageView } from './api/answers.ts';
import { sendToApp, type AppAnswer } from './app-client.ts';
import { isObject, jsonOf } from './api/arguments.ts';
import { viewBlock, type KitButton, type KitSelect } from './api/block-schemas.ts';
import { messageAt } from './changes.ts';
import { refuse, type Refusal } from './messages.ts';
import { respond, response, type ResponseUrls } from './response-urls.ts';
import { bot, team, type KeptBlock } from './state.ts';
import { viewAnswer } from './api/views.ts';
import { shown, type World } from './world.ts';

/** What people do in Slack, and what Slack then sends to the app. */

/** A press on a button of a message, or a choice in a menu (`value`). */
export const press = z.object({
  channel: z.string(),
  ts: z.string(),
  block_id: z.string(),
  action_id: z.string(),
  value: z.string().optional(),
  user: z.string(),
});
export const command = z.object({
  command: z.string().regex(/^\/\S+$/),
  text: z.string().default(''),
  user: z.string(),
  channel: z.string(),
});
export const homeVisit = z.object({ user: z.string() });

export type People = {
  readonly world: World;
  readonly responses: ResponseUrls;
};

/** Sends a signed `block_actions`. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export async function pressButton(people: People, what: z.infer<typeof press>): Promise<AppAnswer | Refusal> {
  const { world, responses } = people;
  const user = world.workspace().users.get(what.user);
  if (user === undefined) return refuse('user_not_found');
  const channel = world.workspace().channels.get(what.channel);
  const message = messageAt(world.workspace(), what.channel, what.ts);
  if (channel === undefined || message === undefined) return refuse('message_not_found');
  const element = elementIn(message.blocks ?? [], what.block_id, what.action_id);
  if (element === undefined) return refuse('button_not_found');
  const action = actionOf(element, what.value);
  if (action === undefined) return refuse('another_value');
  const { thread_ts } = message;
  const payload = {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: team.id },
    api_app_id: bot.app_id,
    token: 'ronda-local-verification',
    trigger_id: newTrigger(),
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    state: { values: {} },
    channel: { id: channel.id, name: channel.name },
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: false,
      ...(thread_ts === undefined ? {} : { thread_ts }),
    },
    message: messageView(shown(message), { withMetadata: true }),
    response_url: responses.issue({ channel: channel.id, user: user.id }),
    actions: [{ ...action, block_id: what.block_id, action_ts: world.nextTs() }],
  };
  return sendForm(world, { payload: JSON.stringify(payload) });
}

/** Sends a signed slash command and shows the answer. https://docs.slack.dev/interactivity/implementing-slash-commands */
export async function giveCommand(
  people: People,
  what: z.infer<typeof command>,
): Promise<AppAnswer | Refusal> {
  const { world, responses } = people;
  const user = world.workspace().users.get(what.user);
  const channel = world.workspace().channels.get(what.channel);
  if (user === undefined) return refuse('user_not_found');
  if (channel === undefined) return refuse('channel_not_found');
  const origin = { channel: channel.id, user: user.id };
  const answer = await sendForm(world, {
    token: 'ronda-local-verification',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command: what.command,
    text: what.text,
    api_app_id: bot.app_id,
    is_enterprise_install: 'false',
    response_url: responses.issue(origin),
    trigger_id: newTrigger(),
  });
  if (answer.kind !== 'answered' || answer.status !== 200 || answer.text.trim() === '') return answer;
  const body = jsonOf(answer.text);
  const said = response.safeParse(isObject(body) ? body : { text: answer.text });
  if (!said.success) return refuse('invalid_payload', [said.error.message]);
  const shownAnswer = respond(world, origin, said.data);
  return shownAnswer.ok ? answer : shownAnswer;
}

/** Sends a signed `app_home_opened`. https://docs.slack.dev/reference/events/app_home_opened */
export async function openHome(people: People, userId: string): Promise<AppAnswer | Refusal> {
  const { world } = people;
  if (!world.workspace().users.has(userId)) return refuse('user_not_found');
  const seen = world.workspace().homes.get(userId);
  const ts = world.nextTs();
  const event = {
    type: 'app_home_opened',
    user: userId,
    channel: `D${userId.slice(1)}`,
    tab: 'home',
    event_ts: ts,
    ...(seen === undefined ? {} : { view: viewAnswer(seen.view, seen.id) }),
  };
  const body = {
    token: 'ronda-local-verification',
    team_id: team.id,
    api_app_id: bot.app_id,
    event,
    type: 'event_callback',
    event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
    event_time: Math.floor(Number(ts)),
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: bot.user,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
  };
  const text = JSON.stringify(body);
  return sendToApp(world.workspace().apps, { type: 'application/json', text }, world.clock);
}

/** What Slack sends of a press: a button as it is, of a menu what was chosen. */
function actionOf(element: KitButton | KitSelect, value: string | undefined): object | undefined {
  if (element.type === 'button') return value === undefined || value === element.value ? element : undefined;
  const { type, action_id, option_groups } = element;
  const selected_option = option_groups.flatMap(({ options }) => options).find((one) => one.value === value);
  return selected_option === undefined ? undefined : { type, action_id, selected_option };
}

function elementIn(
  blocks: readonly KeptBlock[],
  blockId: string,
  actionId: string,
): KitButton | KitSelect | undefined {
  const found = viewBlock.safeParse(blocks.find(({ block_id }) => block_id === blockId));
  if (!found.success) return undefined;
  const block = found.data;
  return block.type !== 'actions'
    ? undefined
    : block.elements.find(({ action_id }) => action_id === actionId);
}

/** Names an act: Ronda opens no views by it, but tells acts apart. */
function newTrigger(): string {
  return randomBytes(16).toString('hex');
}

function sendForm(world: World, fields: Record<string, string>): Promise<AppAnswer> {
  return sendToApp(
    world.workspace().apps,
    { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(fields).toString() },
    world.clock,
  );
}
