import pLimit from 'p-limit';

/** Each item that is queued costs more than a kilobyte: a million schedulers are not queued at once. */
const queued = 1_000;

/**
 * Does the work for every item, so many at a time, and gives the results in the order of the items. The first
 * failure ends it: nothing further is begun, and what is under way is waited for.
 * @throws what the work threw for the first of the items for which it failed
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit({ concurrency: width, rejectOnClear: true });
  const all = [...items];
  const results: R[] = [];
  for (let from = 0; from < all.length; from += queued) {
    const some = all.slice(from, from + queued).map((item) => limit(work, item));
    await Promise.all(some).catch(limit.clearQueue);
    await Promise.allSettled(some);
    results.push(...(await Promise.all(some)));
  }
  return results;
}
