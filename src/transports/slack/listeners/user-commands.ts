import { randomUUID } from 'node:crypto';
import { timedOut, within, type Clock } from '../../../clock.ts';
import type { RecordedEvent } from '../../../events/event.ts';
import { eventOf } from '../../../events/reports.ts';
import { utc } from '../../../events/time.ts';
import { DependencyError } from '../../../errors.ts';
import { attribute, writeMessage } from '../../../queue/message.ts';
import type { Publisher } from '../../../queue/publisher.ts';
import { cut, firstLine } from '../render/escape.ts';

/** What people do in Slack becomes events like everything else. */

export type UserCommand = {
  readonly scheduler_id: string;
  readonly by: string;
  /** When it was done, ms UTC, Ronda's time. */
  readonly at: number;
  /** Slack's own name of the act: the same when Slack sends it again. */
  readonly act: string;
} & (
  | { readonly do: 'acknowledge'; readonly failure_event_id: string }
  /** Until when, ms UTC, Ronda's time. */
  | { readonly do: 'snooze'; readonly until: number }
);

/** The event of a command. Pure: the same command gives the same event, id included. */
function eventOfCommand(userCommand: UserCommand, envelope: RecordedEvent['envelope']): RecordedEvent {
  const { scheduler_id, by, act } = userCommand;
  const timestamp = utc(userCommand.at);
  const common = { scheduler_id, by, timestamp, event_id: act };
  const event =
    userCommand.do === 'acknowledge'
      ? eventOf(
          { type: 'acknowledge', ...common, failure_event_id: userCommand.failure_event_id },
          { timestamp },
        )
      : eventOf({ type: 'snooze', ...common, until: utc(userCommand.until) }, { timestamp });
  return { event, envelope };
}

/** Who queued it, and its group in the queue, as an API key's name is for services. */
const sender = 'slack';
/** Slack wants its answer after 3 s; what was not queued by then has to be answered. Real ms. */
const queueMs = 2_000;

/**
 * Queues a command; once it resolves the event is durable.
 * @throws DependencyError when the queue did not take it within 2 s; it may have taken it all the same
 */
export async function queueCommand(
  publisher: Publisher,
  clock: Clock,
  userCommand: UserCommand,
): Promise<RecordedEvent> {
  const correlation_id = randomUUID();
  const accepted_at = utc(clock.now());
  const recorded = eventOfCommand(userCommand, { accepted_at, correlation_id, sender });
  const sending = publisher.send({
    body: writeMessage(recorded),
    attributes: { [attribute.correlationId]: correlation_id },
    groupId: sender,
  });
  if ((await within(queueMs, sending)) === timedOut)
    throw new DependencyError('queue', `no answer within ${queueMs} ms`);
  return recorded;
}

/** A person as the board shows them: `sari (U0SARI)`. Names are what people type. */
export function personOf(name: string | undefined, userId: string): string {
  const shown = cut(firstLine(name ?? '') ?? userId, 80);
  return shown === userId ? userId : `${shown} (${userId})`;
}
