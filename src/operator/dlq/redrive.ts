import { redrivenCopy } from '../../queue/dead-letters.ts';
import type { Publisher } from '../../queue/publisher.ts';
import type { DeadQueue } from './dead-queue.ts';
import type { Edited } from './edit.ts';
import { goThrough } from './go-through.ts';
import type { DeadLetter } from './dead-letter.ts';

export type RedriveOptions = {
  readonly live: Publisher;
  readonly matches: (deadLetter: DeadLetter) => boolean;
  /** Ends as soon as a dead letter of each of these ids was found. */
  readonly ids?: ReadonlySet<string> | undefined;
  /** At most so many are sent. */
  readonly limit: number;
  /** Sends nothing; counts what would be sent. */
  readonly dryRun: boolean;
  /** When it began, real ms UTC: what was dead-lettered later is left alone, or a redrive might never end. */
  readonly began: number;
  /** Asked of each dead letter what its body is to be. */
  readonly edit?: ((deadLetter: DeadLetter) => Promise<Edited>) | undefined;
  readonly signal: AbortSignal;
  /** Called with each dead letter that is sent, or would be. */
  readonly sent: (deadLetter: DeadLetter) => void;
  /** Called with each dead letter that stays though it was asked for, and why. */
  readonly stays: (deadLetter: DeadLetter, why: string) => void;
};

export type Redriven = {
  readonly redriven: number;
  /** Looked at and left: not asked for, or not repaired. */
  readonly skipped: number;
  /** The queue did not take them. */
  readonly failed: number;
  /** Dead-lettered since it began, some of them perhaps for the second time. */
  readonly arrived: number;
  /** Sent, and still in the dead-letter queue as well. */
  readonly stuck: number;
  /** Ids that were asked for and not found. */
  readonly missing: readonly string[];
};

/**
 * Sends dead letters to the queue that they came from. Each is deleted only after the queue has it, so nothing is
 * ever lost; a crash in between leaves it in both, and sending it again changes nothing.
 * @throws DependencyError when the dead-letter queue is away; what was done until then is done
 */
export async function redrive(queue: DeadQueue, options: RedriveOptions): Promise<Redriven> {
  const { live, matches, ids, limit, dryRun, began, edit, signal, sent, stays } = options;
  const sentBack = new Set<string>();
  const missing = new Set(ids);
  let [redriven, skipped, failed] = [0, 0, 0];

  async function send(deadLetter: DeadLetter): Promise<boolean> {
    missing.delete(deadLetter.id);
    missing.delete(deadLetter.copyId);
    const edited = await edit?.(deadLetter);
    if (edited !== undefined && 'left' in edited) {
      skipped += 1;
      stays(deadLetter, edited.left);
      return false;
    }
    try {
      if (!dryRun) await live.send(redrivenCopy(deadLetter.delivery, edited?.body));
    } catch (error) {
      failed += 1;
      stays(deadLetter, error instanceof Error ? error.message : String(error));
      return false;
    }
    redriven += 1;
    sentBack.add(deadLetter.id);
    sent(deadLetter);
    return !dryRun;
  }

  const { arrived, stuck } = await goThrough(queue, {
    // One at a time for the editor: a dead letter that waits for its turn need not be kept from others.
    wanted: () =>
      ids !== undefined && missing.size === 0 ? 0 : Math.min(limit - redriven, edit === undefined ? 10 : 1),
    upTo: began,
    sentBack,
    signal,
    visit: async (deadLetters) => {
      const chosen = deadLetters.filter(matches);
      skipped += deadLetters.length - chosen.length;
      const went = await Promise.all(chosen.map(send));
      return chosen.filter((_, n) => went[n] === true);
    },
  });
  return { redriven, skipped, failed, arrived, stuck, missing: [...missing] };
}
