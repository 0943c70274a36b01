import type { Clock } from '../../clock.ts';
import { admit, inWindow, minuteMs, type RollingStore } from './rolling-window.ts';

export type MemoryStoreOptions = {
  /** Requests per key and window. */
  readonly limit: number;
  readonly clock: Clock;
  /** Above this many keys within one window the least recently admitted is forgotten. */
  readonly maxKeys?: number;
};

export type MemoryStore = Omit<RollingStore, 'increment'> & {
  readonly increment: (key: string) => { totalHits: number; resetTime: Date };
  /** How many keys are remembered. */
  readonly size: () => number;
};

/**
 * The rolling window of one process. It needs no timer: keys lie in the order of their latest admission,
 * so those whose window is over are at the front, and every call drops them there. Memory is bounded by the
 * requests admitted in one window, and by `maxKeys` where callers can invent keys (client addresses).
 */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { limit, clock, maxKeys = 100_000 } = options;
  const recorded = new Map<string, readonly number[]>();

  function record(key: string, hits: readonly number[]): void {
    recorded.delete(key);
    if (hits.length > 0) recorded.set(key, hits);
  }

  function dropExpired(now: number): void {
    for (const [key, hits] of recorded) {
      const latest = hits.at(-1) ?? 0;
      if (recorded.size <= maxKeys && latest + minuteMs > now) return;
      recorded.delete(key);
    }
  }

  return {
    limit,
    windowMs: minuteMs,
    localKeys: true,
    size: () => recorded.size,
    increment: (key) => {
      const now = clock.real();
      const { hits, admitted, totalHits, resetAt } = admit(recorded.get(key) ?? [], now, limit, minuteMs);
      if (admitted) record(key, hits);
      dropExpired(now);
      return { totalHits, resetTime: new Date(resetAt) };
    },
    decrement: (key) => {
      record(key, inWindow(recorded.get(key) ?? [], clock.real(), minuteMs).slice(0, -1));
    },
    resetKey: (key) => {
      recorded.delete(key);
    },
    resetAll: () => {
      recorded.clear();
    },
  };
}
