/** How long to wait before something is tried again. All values in ms of real time. */
export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/**
 * The wait after the `attempt`th try (from 1) has failed: `firstMs`, doubled with every further one, at most
 * `maxMs`. Pure.
 */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(firstMs * 2 ** Math.max(0, attempt - 1), maxMs);
}

/**
 * A random part of that wait, so that several who failed together do not meet again.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter")
 */
export function jitteredMs(backoff: Backoff, attempt: number): number {
  return Math.random() * backoffMs(backoff, attempt);
}
