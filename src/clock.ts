/**
 * The one place that reads time. Two readings, never mixed:
 * - `now()` is Ronda's time: event times, windows, staleness, retention. It may run fast.
 * - `real()` is the machine's: leases, time-outs, back-off, rate limits, key expiry. It is never scaled.
 * All values are milliseconds since the Unix epoch, UTC.
 */
export type Clock = {
  readonly now: () => number;
  readonly real: () => number;
  /** The Ronda time of an instant that another machine stamped (SQS `SentTimestamp`, Slack `ts`). */
  readonly fromReal: (instant: number) => number;
  /** False while `now()` is shifted or scaled: then nothing may be left for DynamoDB's TTL to delete. */
  readonly isReal: boolean;
};

export type ClockSettings = {
  /** Ronda's time at `origin`, ms UTC. */
  readonly start?: number | undefined;
  /** How many times faster than real time `now()` runs. */
  readonly speed?: number | undefined;
  /** The real instant at which `now()` read `start`; processes that share it share one fast clock. */
  readonly origin?: number | undefined;
};

/** A clock from its settings; without any, `now()` is real time. `real` is an argument for tests alone. */
export function createClock(settings: ClockSettings = {}, real: () => number = Date.now): Clock {
  const { start, speed = 1, origin = real() } = settings;
  if (start === undefined && speed === 1) {
    return { now: real, real, fromReal: (instant) => instant, isReal: true };
  }
  const base = start ?? origin;
  const fromReal = (instant: number): number => Math.floor(base + (instant - origin) * speed);
  return { now: () => fromReal(real()), real, fromReal, isReal: false };
}

/** Resolves after `ms` of real time, or as soon as `signal` aborts; it never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
