import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../../clock.ts';
import { liesAhead } from '../../../events/reports.ts';
import { isOver, progressOf } from '../../../alerts/lifecycle.ts';
import { msOf, utc } from '../../../events/time.ts';
import { readMessageRow } from '../../../store/messages/messages.ts';
import { readRows } from '../../../store/projections/scheduler-rows.ts';
import { groupDetails } from '../alerts/details.ts';
import { readScheduler } from '../board-queries.ts';
import {
  buttonSnooze,
  groupAction,
  readButton,
  readGroupAction,
  readGroupChoice,
  type Action,
  type AlertButton,
} from '../render/buttons.ts';
import { renderNotFound, renderProblem } from '../render/eod.ts';
import { respondWith, type Respond } from './answers.ts';
import { personOf, queueCommand, type UserCommand } from './user-commands.ts';
import { notSaved } from './eod.ts';
import { aboutScheduler, type ListenerContext } from './listener-context.ts';

/** What Slack sends of a click. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const click = z.object({
  user: z.object({
    id: z.string().min(1),
    name: z.string().optional(),
    username: z.string().optional(),
  }),
  actions: z.tuple([
    z.object({
      // Seconds; of the click, so that it is the same when Slack sends it again.
      action_ts: z.string().regex(/^\d{1,11}(\.\d{1,6})?$/),
      action_id: z.string(),
      value: z.string().optional(),
      /** Of a menu. */
      selected_option: z.object({ value: z.string() }).optional(),
    }),
  ]),
});
type Clicker = { readonly userId: string; readonly by: string; readonly actionTs: string };
type Click = Clicker & { readonly button: AlertButton };

/**
 * The buttons of alerts. Acknowledge and Snooze queue their event, then acknowledge the click; the alert and the
 * board show it once it is stored, so only failing has to be answered. History shows the last runs, to the asker alone.
 */
export function registerButtons(app: App, listener: ListenerContext): void {
  const act = {
    acknowledge: (clicked, ack, respond) => queue(listener, 'acknowledge', clicked, ack, respond),
    snooze: (clicked, ack, respond) => queue(listener, 'snooze', clicked, ack, respond),
    history: (clicked, ack, respond) => showHistory(listener, clicked, ack, respond),
  } satisfies Record<Action, (clicked: Click, ack: () => Promise<void>, respond: Respond) => Promise<void>>;

  app.action(groupAction, ({ body, ack, respond }) =>
    listener.work.run('a choice in a group’s menu', async () => {
      await ack();
      const choice = await readChoice(listener, body);
      if (choice === undefined) {
        await respondWith(respond, renderProblem('these failures are over, or nobody knows them any more.'));
        return;
      }
      for (const clicked of choice.clicks) {
        await queue(listener, choice.do, clicked, () => Promise.resolve(), respond);
      }
    }),
  );

  for (const action of ['acknowledge', 'snooze', 'history'] as const) {
    app.action(action, ({ body, ack, respond }) =>
      listener.work.run(`a click on ${action}`, async () => {
        const clicked = readClick(body);
        if (clicked !== undefined) await act[action](clicked, () => ack(), respond);
        else {
          await ack();
          await respondWith(respond, renderProblem('this button is not one of Ronda’s.'));
        }
      }),
    );
  }
}

type Clicked = z.infer<typeof click>;

function clickerOf({ user, actions }: Clicked): Clicker {
  return {
    userId: user.id,
    by: personOf(user.username ?? user.name, user.id),
    actionTs: actions[0].action_ts,
  };
}

function readClick(body: unknown): Click | undefined {
  const { data } = click.safeParse(body);
  const button = readButton(data?.actions[0].value ?? '');
  return data === undefined || button === undefined ? undefined : { ...clickerOf(data), button };
}

/** What was chosen in a group's menu, as the clicks on the buttons of its failures that it stands for. */
async function readChoice(
  { store, clock }: ListenerContext,
  body: unknown,
): Promise<{ readonly do: UserCommand['do']; readonly clicks: Click[] } | undefined> {
  const { data } = click.safeParse(body);
  const [action] = data?.actions ?? [];
  const key = readGroupAction(action?.action_id ?? '');
  const choice = readGroupChoice(action?.selected_option?.value ?? '');
  if (data === undefined || key === undefined || choice === undefined) return undefined;
  const details = groupDetails.safeParse((await readMessageRow(store, key))?.details).data;
  const states = await readRows(store, [
    ...new Set(details?.members.map(({ scheduler_id }) => scheduler_id)),
  ]);
  const chosen = details?.members.filter(({ scheduler_id, event_id, recovered, acknowledged }, index) => {
    if (choice.which !== 'all') return index === choice.which;
    const progress = progressOf(
      event_id,
      states.get(scheduler_id)?.state,
      null,
      { recovered, acknowledged },
      clock.now(),
    );
    return !isOver(progress) && (choice.do === 'snooze' || progress.acknowledged === null);
  });
  const clicks = chosen?.map(({ scheduler_id, event_id, occurred_at }) => ({
    ...clickerOf(data),
    button: { scheduler_id, event_id, at: msOf(occurred_at) },
  }));
  return clicks === undefined || clicks.length === 0 ? undefined : { do: choice.do, clicks };
}

async function queue(
  { publisher, clock, log }: ListenerContext,
  wanted: UserCommand['do'],
  clicked: Click,
  ack: () => Promise<void>,
  respond: Respond,
): Promise<void> {
  const { scheduler_id } = clicked.button;
  try {
    await queueCommand(publisher, clock, commandOf(wanted, clicked, instantOf(clicked.actionTs, clock)));
  } catch (error) {
    log.warn({ err: error, scheduler_id }, `${wanted} could not be queued`);
    await ack();
    await respondWith(respond, renderProblem(notSaved));
    return;
  }
  await ack();
  log.info({ scheduler_id, user: clicked.userId }, `${wanted} asked for in Slack`);
}

/** Pure. @param at when the button was pressed, ms UTC, Ronda's time */
function commandOf(
  wanted: UserCommand['do'],
  { userId, by, actionTs, button }: Click,
  at: number,
): UserCommand {
  const { scheduler_id, event_id } = button;
  // One person's clicks have times of their own; two people may click at once.
  const common = { scheduler_id, by, at, act: `slack-${wanted} ${actionTs} ${userId}` };
  return wanted === 'acknowledge'
    ? { do: 'acknowledge', ...common, failure_event_id: event_id }
    : { do: 'snooze', ...common, until: at + buttonSnooze };
}

async function showHistory(
  listener: ListenerContext,
  { button }: Click,
  ack: () => Promise<void>,
  respond: Respond,
): Promise<void> {
  await ack();
  const { scheduler_id } = button;
  try {
    const found = await readScheduler(listener, scheduler_id);
    const content =
      found === undefined ? renderNotFound(scheduler_id) : await aboutScheduler(listener, found);
    await respondWith(respond, content);
  } catch (error) {
    listener.log.warn({ err: error, scheduler_id }, 'a history could not be shown');
    await respondWith(respond, renderProblem('the tables did not answer. Try again in a minute.'));
  }
}

/**
 * When a button was pressed, ms UTC, Ronda's time: as Slack stamped it, so that it stays the same when Slack sends
 * the click again. Only where our clock is so far behind that the event would be refused, it is now.
 * @param ts in seconds; events know no microseconds
 */
function instantOf(ts: string, clock: Clock): number {
  const pressed = clock.fromReal(Math.floor(Number(ts) * 1_000));
  const now = clock.now();
  return liesAhead(utc(pressed), utc(now)) ? now : pressed;
}
