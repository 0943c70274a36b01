import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { liesAhead } from '../../events/reports.ts';
import { utc } from '../../events/time.ts';
import { readScheduler } from '../reads.ts';
import { readButton, buttonSnooze, type Action, type AlertButton } from '../render/buttons.ts';
import { renderNotFound, renderTrouble } from '../render/eod.ts';
import { tell, type Respond } from './answers.ts';
import { personOf, queueDeed, type Deed } from './deeds.ts';
import { notSaved } from './eod.ts';
import { aboutScheduler, type Listening } from './listening.ts';

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
      value: z.string(),
    }),
  ]),
});
type Click = {
  readonly userId: string;
  readonly by: string;
  readonly actionTs: string;
  readonly button: AlertButton;
};

/**
 * The buttons of alerts. Acknowledge and Snooze queue their event, then acknowledge the click; the alert and the
 * board show it once it is stored, so only failing has to be said. History shows the last runs, to the asker alone.
 */
export function registerButtons(app: App, listening: Listening): void {
  const act = {
    acknowledge: (clicked, ack, respond) => queue(listening, 'acknowledge', clicked, ack, respond),
    snooze: (clicked, ack, respond) => queue(listening, 'snooze', clicked, ack, respond),
    history: (clicked, ack, respond) => showHistory(listening, clicked, ack, respond),
  } satisfies Record<Action, (clicked: Click, ack: () => Promise<void>, respond: Respond) => Promise<void>>;

  for (const action of ['acknowledge', 'snooze', 'history'] as const) {
    app.action(action, ({ body, ack, respond }) =>
      listening.work.run(`a click on ${action}`, async () => {
        const clicked = readClick(body);
        if (clicked !== undefined) await act[action](clicked, () => ack(), respond);
        else {
          await ack();
          await tell(respond, renderTrouble('this button is not one of Ronda’s.'));
        }
      }),
    );
  }
}

function readClick(body: unknown): Click | undefined {
  const { data } = click.safeParse(body);
  if (data === undefined) return undefined;
  const { user, actions } = data;
  const button = readButton(actions[0].value);
  if (button === undefined) return undefined;
  const by = personOf(user.username ?? user.name, user.id);
  return { userId: user.id, by, actionTs: actions[0].action_ts, button };
}

async function queue(
  { publisher, clock, log }: Listening,
  wanted: Deed['do'],
  clicked: Click,
  ack: () => Promise<void>,
  respond: Respond,
): Promise<void> {
  const { scheduler_id } = clicked.button;
  try {
    await queueDeed(publisher, clock, deedOf(wanted, clicked, instantOf(clicked.actionTs, clock)));
  } catch (error) {
    log.warn({ err: error, scheduler_id }, `${wanted} could not be queued`);
    await ack();
    await tell(respond, renderTrouble(notSaved));
    return;
  }
  await ack();
  log.info({ scheduler_id, user: clicked.userId }, `${wanted} asked for in Slack`);
}

/** Pure. @param at when the button was pressed, ms UTC, Ronda's time */
function deedOf(wanted: Deed['do'], { userId, by, actionTs, button }: Click, at: number): Deed {
  const { scheduler_id, event_id } = button;
  // One person's clicks have times of their own; two people may click at once.
  const common = { scheduler_id, by, at, act: `slack-${wanted} ${actionTs} ${userId}` };
  return wanted === 'acknowledge'
    ? { do: 'acknowledge', ...common, failure_event_id: event_id }
    : { do: 'snooze', ...common, until: at + buttonSnooze };
}

async function showHistory(
  listening: Listening,
  { button }: Click,
  ack: () => Promise<void>,
  respond: Respond,
): Promise<void> {
  await ack();
  const { scheduler_id } = button;
  try {
    const found = await readScheduler(listening, scheduler_id);
    const content =
      found === undefined ? renderNotFound(scheduler_id) : await aboutScheduler(listening, found);
    await tell(respond, content);
  } catch (error) {
    listening.log.warn({ err: error, scheduler_id }, 'a history could not be shown');
    await tell(respond, renderTrouble('the tables did not answer. Try again in a minute.'));
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
