import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { RateLimitedError, RefusedError, SlackCallError } from '../slack-errors.ts';

/** What a round knows of Slack's health: it spares Slack, and the round, calls that would fail as the last did. */
export type Trouble = {
  readonly mayTry: () => boolean;
  readonly over: () => void;
  /** @throws what is not Slack's trouble */
  readonly met: (error: unknown, what: string) => void;
};

/** Real ms. */
const firstDelayMs = 2_000;
const maxDelayMs = 30_000;
const complainEveryMs = 300_000;

export function createTrouble(clock: Clock, log: Logger): Trouble {
  let delay = 0;
  let until = 0;
  let complained = Number.NEGATIVE_INFINITY;

  return {
    mayTry: () => clock.real() >= until,
    over: () => {
      if (delay > 0) log.info('slack answers again');
      delay = 0;
    },
    met: (error, what) => {
      if (!(error instanceof SlackCallError)) throw error;
      if (error instanceof RateLimitedError) {
        // Our own pacing remembers how long; other methods go on.
        log.debug({ method: error.method, retry_after_ms: error.retryAfterMs, what }, 'slack asks to wait');
        return;
      }
      if (error instanceof RefusedError) {
        // A person must act, and must not be called at every round.
        if (clock.real() - complained >= complainEveryMs) {
          complained = clock.real();
          log.error({ err: error, what }, `slack refuses: ${advice(error)}`);
        }
        if (error.kind === 'other' || error.kind === 'message' || error.kind === 'blocks') return;
      } else {
        log.warn({ err: error, what }, 'slack is away: it is tried again');
      }
      delay = Math.min(delay === 0 ? firstDelayMs : 2 * delay, maxDelayMs);
      until = clock.real() + delay;
    },
  };
}

/** What an operator can do about a refusal. */
export function advice({ error, kind }: RefusedError): string {
  if (kind === 'auth') return `${error}: check SLACK_BOT_TOKEN and the app’s scopes`;
  if (kind === 'channel') return `${error}: check SLACK_CHANNEL, and invite the app into the channel`;
  return error;
}
