/** Starts a watch that reads the ms since then. Monotonic and finer than a ms, which no `Clock` is. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

/** The value below which the share `q` of the values lies (nearest rank). @throws RangeError without values */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no value, no quantile');
  return value;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * How many times `b` is `a`: the median of the ratios of each round, whose two sides met the same noise.
 * @throws RangeError without rounds
 */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, round) => value / (b[round] ?? NaN)));
}
