import { backoffMs } from '../backoff.ts';
import { pause } from '../clock.ts';
import type { Logger } from '../log.ts';

/**
 * Whether to receive. While a dependency as a whole is away nothing is received, so that an outage uses up no
 * receive counts and dead-letters nothing.
 */
export type CircuitBreaker = {
  /** Resolves as soon as it is closed, so that receiving makes sense; also when `signal` aborts. */
  readonly closed: () => Promise<void>;
  /** A dependency is away: opens the circuit until `probe` has succeeded. */
  readonly open: (cause: unknown) => void;
};

const probeBackoff = { firstMs: 1_000, maxMs: 30_000 };

/** A breaker that, once open, probes after 1 s, doubling to 30 s, until the probe succeeds or `signal` aborts. */
export function createCircuitBreaker(
  probe: () => Promise<unknown>,
  log: Logger,
  signal: AbortSignal,
): CircuitBreaker {
  let closing: Promise<void> | undefined;

  async function probed(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      await pause(backoffMs(probeBackoff, attempt), signal);
      if (signal.aborted) return;
      try {
        await probe();
        log.info('circuit breaker closed: dependencies answer again, receiving');
        return;
      } catch (error) {
        log.warn({ err: error }, 'circuit breaker still open: a dependency is away');
      }
    }
  }

  return {
    closed: () => closing ?? Promise.resolve(),
    open: (cause) => {
      if (closing !== undefined || signal.aborted) return;
      log.warn({ err: cause }, 'circuit breaker open: a dependency is away, not receiving until it answers');
      closing = probed().finally(() => {
        closing = undefined;
      });
    },
  };
}
