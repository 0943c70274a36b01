import { randomInt } from 'node:crypto';
import { randomFrom, shuffled } from '../process/night-of-events.ts';

export type Sample<T> = {
  readonly chosen: readonly T[];
  /** With it in `RONDA_CHAOS_SEED` the same are chosen again. */
  readonly seed: number;
};

/** Some of many, others in every run unless the environment names a seed; all of them with `RONDA_CHAOS=all`. */
export function sampleOf<T>(all: readonly T[], size: number, env: NodeJS.ProcessEnv): Sample<T> {
  const seed = Number(env['RONDA_CHAOS_SEED'] ?? randomInt(2 ** 31));
  const chosen = env['RONDA_CHAOS'] === 'all' ? all : shuffled(all, randomFrom(seed)).slice(0, size);
  return { chosen, seed };
}

/** Runs at most so many pieces of work at a time, in the order in which they come. */
export function createLimit(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
