import {
  ContendedRowError,
  isDependencyError,
  isOutage,
  NewerRowError,
  UnreadableEventError,
} from '../../errors.ts';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { Examination, RebuildOptions } from '../../store/projections/rebuild.ts';
import type { Store } from '../../store/store.ts';
import { printable } from '../../printable.ts';
import type { Tally } from './tally.ts';

/** A scheduler's rows in a projection that could not be looked at, or made anew, for a fault of their own. */
export type Skipped = {
  readonly scheduler_id: string;
  readonly projection: string;
  readonly reason: string;
};

/**
 * Looks at one scheduler's rows in one projection, and makes them anew if asked. What fails for itself is counted
 * and told, never the end of a run: a row of a newer version, one that is contended, a stream that cannot be read,
 * a throttled key.
 * @returns undefined where it could not
 * @throws what shows that a dependency as a whole is away
 */
export async function examine(
  store: Store,
  projection: StoredProjection,
  schedulerId: string,
  options: RebuildOptions,
  { tally, skip }: { readonly tally: Tally; readonly skip: (skipped: Skipped) => void },
): Promise<Examination | undefined> {
  try {
    return await projection.rebuild(store, schedulerId, options);
  } catch (error) {
    if (error instanceof NewerRowError) {
      tally.newer += 1;
      return undefined;
    }
    if (!(error instanceof Error) || !isItsOwn(error)) throw error;
    tally.skipped += 1;
    skip({ scheduler_id: schedulerId, projection: projection.name, reason: error.message });
    return undefined;
  }
}

function isItsOwn(error: Error): boolean {
  if (error instanceof ContendedRowError || error instanceof UnreadableEventError) return true;
  return isDependencyError(error) && !isOutage(error);
}

/** A line for people. */
export function skippedText({ scheduler_id, projection, reason }: Skipped): string {
  return `skipped  ${[scheduler_id, projection, reason].map(printable).join('  ')}\n`;
}
