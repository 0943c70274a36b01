/**
 * The one place that reads time. Three readings, never mixed:
 * - `now()` is Ronda's time: event times, windows, staleness, retention. It may run fast.
 * - `real()` is the machine's: leases, rate limits, key expiry, whatever others read too. It is never scaled.
 * - `monotonic()` measures how long something takes or is to last within this process: time-outs, back-off,
 *   pauses, how long a cache is believed. A machine's clock that is set back or ahead does not move it.
 * The first two are milliseconds since the Unix epoch, UTC; of the third only differences mean anything.
 */
export type Clock = {
  readonly now: () => number;
  readonly real: () => number;
  readonly monotonic: () => number;
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

/**
 * A clock from its settings; without any, `now()` is real time. `real` and `monotonic` are arguments for tests
 * alone; where only the first is given, time that it measures is taken to pass as it says.
 */
export function createClock(
  settings: ClockSettings = {},
  real: () => number = Date.now,
  monotonic: () => number = real === Date.now ? () => performance.now() : real,
): Clock {
  const { start, speed = 1, origin = real() } = settings;
  if (start === undefined && speed === 1) {
    return { now: real, real, monotonic, fromReal: (instant) => instant, isReal: true };
  }
  const base = start ?? origin;
  const fromReal = (instant: number): number => Math.floor(base + (instant - origin) * speed);
  return { now: () => fromReal(real()), real, monotonic, fromReal, isReal: false };
}

/** So many real ms in Ronda's time, which may run fast. */
export function realSpan({ fromReal, real }: Pick<Clock, 'fromReal' | 'real'>, ms: number): number {
  const now = real();
  return fromReal(now) - fromReal(now - ms);
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

/** How far ahead of ours another machine's clock may be; anything further was stamped before ours was set back. */
const clockSkewMs = 5_000;

/**
 * How long ago an instant lies that was written down by the machine's clock, here or elsewhere, ms. One that lies
 * ahead was written before a clock was set back: nothing that waits for it may wait longer than it was meant to.
 */
export function ageOf(instant: number, real: number): number {
  return instant > real + clockSkewMs ? Number.POSITIVE_INFINITY : Math.max(0, real - instant);
}

export const timedOut = Symbol('timed out');

/**
 * What `work` comes to if it does so within `ms` of real time, else `timedOut`. Work that is late goes on; what
 * becomes of it then is nobody's any more. Leaves no timer behind.
 * @throws what `work` rejects with in time
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | typeof timedOut> {
  const over = new AbortController();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, pause(ms, over.signal).then((): typeof timedOut => timedOut)]);
  } finally {
    over.abort();
  }
}

/**
 * One look for all who ask at once: its result is believed until it is `ms` old (monotonic, counted from when the look
 * began), a failure by nobody who asks after it.
 */
export function remembered<A extends readonly unknown[], T>(
  clock: Pick<Clock, 'monotonic'>,
  ms: number,
  look: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let last: { readonly began: number; readonly result: Promise<T>; pending: boolean } | undefined;
  return (...args) => {
    const now = clock.monotonic();
    if (last !== undefined && (last.pending || now - last.began < ms)) return last.result;
    const current = { began: now, result: look(...args), pending: true };
    last = current;
    current.result.then(
      () => {
        current.pending = false;
      },
      () => {
        if (last === current) last = undefined;
      },
    );
    return current.result;
  };
}
