import pLimit from 'p-limit';

/** Each item that is queued costs more than a kilobyte: a million schedulers are not queued at once. */
const queued = 1_000;

/**
 * Does the work for every item, so many at a time. The first failure ends it: nothing further is begun, and what is
 * under way is waited for.
 * @throws what the work threw for the first of the items for which it failed
 */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const limit = pLimit({ concurrency: width, rejectOnClear: true });
  const all = [...items];
  for (let from = 0; from < all.length; from += queued) {
    const results = all.slice(from, from + queued).map((item) => limit(work, item));
    await Promise.all(results).catch(limit.clearQueue);
    await Promise.allSettled(results);
    await Promise.all(results);
  }
}
