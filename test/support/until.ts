import { createClock, pause } from '../../src/clock.ts';

export type UntilOptions = {
  /** Real ms. */
  readonly timeoutMs?: number;
  readonly everyMs?: number;
};

/**
 * Waits until `check` gives something other than false, null or undefined, and returns it. A check that throws
 * counts as not yet; what it threw last is the cause of the time-out.
 * @throws Error that names `description` when the time is up
 */
export async function until<T>(
  description: string,
  check: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs = 20 }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const clock = createClock();
  const deadline = clock.monotonic() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const found = await check();
      if (isFound(found)) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(everyMs);
  } while (clock.monotonic() < deadline);
  throw new Error(`waited ${timeoutMs} ms in vain until ${description}`, { cause });
}

function isFound<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== false && value !== null && value !== undefined;
}
