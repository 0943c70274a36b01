import pLimit from 'p-limit';

/**
 * Does the work for every item, so many at a time, and gives the results in the order of the items. The first
 * failure ends it: nothing further is begun, and it is thrown once what was under way has ended.
 */
export async function inParallel<T, R>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit({ concurrency: width, rejectOnClear: true });
  const attempt = async (item: T): Promise<R> => {
    try {
      return await work(item);
    } catch (error) {
      limit.clearQueue();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from(items, (item) => limit(attempt, item)));
  return ended.map((one) => {
    // What was begun stands before what was not.
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
