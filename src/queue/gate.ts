import { pause } from '../clock.ts';
import type { Logger } from '../log.ts';

/**
 * Whether to receive. While a dependency is down nothing is received, so that an outage uses up no receive
 * counts and dead-letters nothing.
 */
export type Gate = {
  /** Resolves as soon as receiving makes sense; also when `signal` aborts. */
  readonly passable: () => Promise<void>;
  /** A dependency failed: closes the gate until `probe` has succeeded. */
  readonly close: (cause: unknown) => void;
};

const firstDelayMs = 1_000;
const maxDelayMs = 30_000;

export function createGate(probe: () => Promise<unknown>, log: Logger, signal: AbortSignal): Gate {
  let reopening: Promise<void> | undefined;

  async function reopen(): Promise<void> {
    for (let delay = firstDelayMs; ; delay = Math.min(2 * delay, maxDelayMs)) {
      await pause(delay, signal);
      if (signal.aborted) return;
      try {
        await probe();
        log.info('dependencies answer again: receiving');
        return;
      } catch (error) {
        log.warn({ err: error }, 'a dependency is still away: not receiving');
      }
    }
  }

  return {
    passable: () => reopening ?? Promise.resolve(),
    close: (cause) => {
      if (reopening !== undefined || signal.aborted) return;
      log.warn({ err: cause }, 'a dependency is away: receiving stops until it answers');
      reopening = reopen().finally(() => {
        reopening = undefined;
      });
    },
  };
}
