import { backoffMs } from '../../backoff.ts';
import { pause } from '../../clock.ts';
import type { Later, Verdict } from './delivery.ts';

/** One try to report; an abort ends it as one that may do better later. */
export type Try = (signal: AbortSignal) => Promise<Exclude<Verdict, { outcome: 'unknown' }>>;

export type DeliveryEvents<T> = {
  readonly onSent: (item: T) => void;
  readonly onRefused: (item: T, reason: string) => void;
  /** Called after each try that failed. */
  readonly onFailure: (later: Later) => void;
};

/** The way of one job's reports to Ronda: one after the other, in order. */
export type DeliveryQueue<T> = {
  /** Tries until it is sent or refused, or the queue is closed. */
  readonly add: (item: T, attempt: Try) => void;
  /** Tries once, and only if nothing else is under way: what cannot be sent now is no news later. */
  readonly tryOnce: (attempt: Try) => void;
  /**
   * The last has been added. What waits is tried again at once, and goes on being tried for so long (real ms), but
   * not while the key is refused: a few seconds will not change that. @returns what could not be sent, in order
   */
  readonly close: (maxWaitMs: number, stop: AbortSignal) => Promise<T[]>;
};

const backOff = { firstMs: 500, maxMs: 30_000 };

/** A queue of which each report is tried until it is sent or refused, with growing pauses, before the next is. */
export function createDeliveryQueue<T>({
  onSent,
  onRefused,
  onFailure,
}: DeliveryEvents<T>): DeliveryQueue<T> {
  const closing = new AbortController();
  const given = new AbortController();
  const kept: T[] = [];
  let line = Promise.resolve();
  let waiting = 0;
  const isGivenUp = (): boolean => given.signal.aborted;
  const isClosing = (): boolean => closing.signal.aborted;

  const deliver = async (item: T, attempt: Try): Promise<void> => {
    let failures = 0;
    while (!isGivenUp()) {
      const wasClosing = isClosing();
      const verdict = await attempt(given.signal);
      if (verdict.outcome === 'sent') {
        onSent(item);
        return;
      }
      if (verdict.outcome === 'refused') {
        onRefused(item, verdict.reason);
        return;
      }
      if (isGivenUp()) break;
      onFailure(verdict);
      if (wasClosing && verdict.fault === 'key') break;
      const wake = wasClosing ? given.signal : AbortSignal.any([given.signal, closing.signal]);
      failures += 1;
      // A server may ask for a longer wait than ours, never for a shorter one.
      await pause(Math.max(verdict.waitMs ?? 0, backoffMs(backOff, failures)), wake);
      if (!wasClosing && isClosing()) failures = 0;
    }
    kept.push(item);
  };

  const queue = (task: () => Promise<void>): void => {
    waiting += 1;
    line = line.then(task).finally(() => {
      waiting -= 1;
    });
  };

  return {
    add: (item, attempt) => {
      queue(() => deliver(item, attempt));
    },
    tryOnce: (attempt) => {
      if (waiting > 0) return;
      queue(async () => {
        if (isClosing()) return;
        const verdict = await attempt(AbortSignal.any([given.signal, closing.signal]));
        if (verdict.outcome === 'later' && !isClosing()) onFailure(verdict);
      });
    },
    close: async (maxWaitMs, stop) => {
      closing.abort();
      const done = new AbortController();
      const end = line.finally(() => {
        done.abort();
      });
      await pause(maxWaitMs, AbortSignal.any([stop, done.signal]));
      given.abort();
      await end;
      return kept;
    },
  };
}
