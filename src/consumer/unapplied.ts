import type { Clock } from '../clock.ts';
import type { RondaEvent } from '../events/event.ts';
import { compareText, eventKey } from '../events/order.ts';
import { redeliveryBackoff } from '../queue/redelivery.ts';

/**
 * Valid events that could not be applied yet and wait in the queue for another try: a throttled key, a row of a
 * newer version. While one waits, its own scheduler is not judged stale; others are.
 */
export type Unapplied = {
  /** @param sentAt when SQS got its message, UTC, Ronda's time */
  readonly failed: (event: RondaEvent, sentAt: string) => void;
  /** It was applied, or never will be. */
  readonly settled: (event: RondaEvent) => void;
  readonly report: () => UnappliedReport;
};

export type UnappliedReport = {
  /** The schedulers that have such events, with when the least of theirs was sent: at most `maxNamed`. */
  readonly named: ReadonlyMap<string, string>;
  /** When the least was sent of all schedulers beyond these; undefined: there are none. They hold the watermark. */
  readonly rest: string | undefined;
};

/** What a role's row has room for. */
const maxNamed = 50;
/** Another consumer may have applied it by then: this one would have met it again. Real ms. */
const forgottenAfterMs = redeliveryBackoff.maxMs + 60_000;

type Waiting = { readonly schedulerId: string; readonly sentAt: string; readonly seenAt: number };

/** Those of one process. An event that does not come again for a minute more than the longest back-off is forgotten. */
export function createUnapplied(clock: Pick<Clock, 'monotonic'>): Unapplied {
  const waiting = new Map<string, Waiting>();
  const keyOf = ({ scheduler_id, occurred_at, event_id }: RondaEvent): string =>
    `${scheduler_id} ${eventKey({ at: occurred_at, id: event_id })}`;

  return {
    failed: (event, sentAt) => {
      waiting.set(keyOf(event), { schedulerId: event.scheduler_id, sentAt, seenAt: clock.monotonic() });
    },
    settled: (event) => void waiting.delete(keyOf(event)),
    report: () => {
      const now = clock.monotonic();
      const since = new Map<string, string>();
      for (const [name, { schedulerId, sentAt, seenAt }] of waiting) {
        if (now - seenAt > forgottenAfterMs) waiting.delete(name);
        else if (sentAt < (since.get(schedulerId) ?? '~')) since.set(schedulerId, sentAt);
      }
      const inOrder = [...since].sort(([, a], [, b]) => compareText(a, b));
      return { named: new Map(inOrder.slice(0, maxNamed)), rest: inOrder[maxNamed]?.[1] };
    },
  };
}
