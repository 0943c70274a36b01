/** The greatest number of instants within any half-open interval of `windowMs`; `instants` are in order. */
export function mostWithin(windowMs: number, instants: readonly number[]): number {
  const counts = instants.map(
    (start) => instants.filter((at) => at >= start && at < start + windowMs).length,
  );
  return Math.max(0, ...counts);
}
