import type { DeadQueue } from './dead-queue.ts';
import type { DeadLetter } from './dead-letter.ts';

export type Passage = {
  /** How many dead letters may be received next, at most 10; 0 ends the passage. */
  readonly wanted: () => number;
  /** Called with dead letters that were not seen before. @returns those that may be taken out of the queue */
  readonly visit: (deadLetters: readonly DeadLetter[]) => Promise<readonly DeadLetter[]>;
  /** Dead letters that came after this real instant (ms UTC) are passed over; without it none is. */
  readonly upTo?: number;
  /** Ids of dead letters that came back since: they are passed over too. */
  readonly sentBack?: ReadonlySet<string>;
  readonly signal: AbortSignal;
};

export type Passed = {
  /** About how many there were at the start: waiting, and in hand elsewhere. */
  readonly waiting: number;
  readonly inHand: number;
  readonly seen: number;
  /** How many came in the meantime. */
  readonly arrived: number;
  /** How many `visit` was done with that are still there: SQS did not take them out. */
  readonly stuck: number;
};

/** A queue's counts are estimates, so it counts as read to its end only after so many receives without news. */
const dryReceives = 3;

/**
 * Goes through a dead-letter queue once, each dead letter one time. It ends, whatever arrives meanwhile: after as many
 * dead letters as there were about, or after a few receives that brought nothing new.
 * @throws DependencyError when SQS is away, and what `visit` throws
 */
export async function goThrough(queue: DeadQueue, passage: Passage): Promise<Passed> {
  const { wanted, visit, upTo = Infinity, sentBack = new Set(), signal } = passage;
  const { waiting, inHand } = await queue.depth();
  const seen = new Set<string>();
  const arrived = new Set<string>();
  let stuck = 0;
  for (let dry = 0; dry < dryReceives && !signal.aborted;) {
    const max = Math.min(10, wanted());
    if (max <= 0) break;
    const unseen = new Map<string, DeadLetter>();
    for (const deadLetter of await queue.receive(max)) {
      if (deadLetter.copiedReal > upTo || sentBack.has(deadLetter.id)) arrived.add(deadLetter.copyId);
      else if (!seen.has(deadLetter.copyId)) unseen.set(deadLetter.copyId, deadLetter);
    }
    if (unseen.size === 0) {
      if (seen.size >= waiting) break;
      dry += 1;
      continue;
    }
    dry = 0;
    for (const id of unseen.keys()) seen.add(id);
    const done = await visit([...unseen.values()]);
    stuck += (await queue.remove(done)).length;
  }
  return { waiting, inHand, seen: seen.size, arrived: arrived.size, stuck };
}
