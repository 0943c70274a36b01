/** How often a row is read and swapped again before its writer gives up. */
export const maxAttempts = 12;

/** A random pause, longer with each attempt, so that two writers of a row do not meet again. Real ms. */
export function jitter(attempt: number): number {
  return Math.random() * Math.min(200, 5 * 2 ** attempt);
}
