export type KeyedMutex = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** One at a time for each key, in the order of asking: a process never finds its own lease in use. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
