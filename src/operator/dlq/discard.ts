import { pause } from '../../clock.ts';
import type { DeadQueue } from './dead-queue.ts';
import { goThrough } from './go-through.ts';
import type { DeadLetter } from './dead-letter.ts';

export type DiscardOptions = {
  readonly matches: (deadLetter: DeadLetter) => boolean;
  /** Real ms UTC: what was dead-lettered later is nobody's wish to lose. */
  readonly began: number;
  /** Writes a dead letter down before it goes; undefined: none goes, they are counted. */
  readonly keep: ((deadLetter: DeadLetter) => void) | undefined;
  readonly signal: AbortSignal;
};

/**
 * Takes dead letters out of their queue for good, each after it was written down.
 * @returns how many matched, and how many of those SQS did not take out
 * @throws DependencyError when the queue is away
 */
export async function discard(
  queue: DeadQueue,
  { matches, began, keep, signal }: DiscardOptions,
): Promise<{ readonly matched: number; readonly stuck: number }> {
  let matched = 0;
  const { stuck } = await goThrough(queue, {
    wanted: () => 10,
    upTo: began,
    signal,
    visit: async (deadLetters) => {
      const chosen = deadLetters.filter(matches);
      matched += chosen.length;
      if (keep === undefined) return [];
      for (const deadLetter of chosen) keep(deadLetter);
      // A disk that is full, or a reader that has gone, ends this process now: before the dead letters are gone too.
      await pause(0);
      return chosen;
    },
  });
  return { matched, stuck };
}
