import { pause as realPause, type Clock } from '../../../clock.ts';
import { RateLimitedError } from '../slack-errors.ts';

/** One message a second and channel: https://docs.slack.dev/apis/web-api/rate-limits#posting */
const postIntervalMs = 1_000;
export const postMethod = 'chat.postMessage';

export type Pacing = {
  /**
   * Resolves when the caller may post to a channel; callers get their turns in the order in which they asked.
   * @param withinMs how long a turn is still of use
   * @throws RateLimitedError at once when no turn can come by then, or Slack asked us to wait
   */
  readonly turn: (channel: string, withinMs: number) => Promise<void>;
  /** @throws RateLimitedError while Slack's `Retry-After` for the method (and, posting, the channel) runs */
  readonly admit: (method: string, channel?: string) => void;
  /** Remembers a `Retry-After`. */
  readonly heed: (error: RateLimitedError, channel?: string) => void;
};

/** The pace of one process. All times are real, measured by `monotonic()`. */
export function createPacing(clock: Clock, pause: (ms: number) => Promise<void> = realPause): Pacing {
  const nextTurn = new Map<string, number>();
  const closedUntil = new Map<string, number>();

  const admit = (method: string, channel?: string): void => {
    const wait = (closedUntil.get(lineOf(method, channel)) ?? -Infinity) - clock.monotonic();
    if (wait > 0) throw new RateLimitedError(method, wait);
  };
  return {
    admit,
    heed: (error, channel) => {
      const line = lineOf(error.method, channel);
      const until = clock.monotonic() + error.retryAfterMs;
      closedUntil.set(line, Math.max(closedUntil.get(line) ?? until, until));
    },
    turn: async (channel, withinMs) => {
      admit(postMethod, channel);
      const now = clock.monotonic();
      const slot = Math.max(now, nextTurn.get(channel) ?? now);
      if (slot - now > withinMs) throw new RateLimitedError(postMethod, slot - now);
      nextTurn.set(channel, slot + postIntervalMs);
      if (slot > now) await pause(slot - now);
      // Slack may have closed the channel to those ahead of us.
      admit(postMethod, channel);
    },
  };
}

/** Slack limits posts by channel and everything else by method. */
function lineOf(method: string, channel: string | undefined): string {
  return method === postMethod ? `${method} ${channel ?? ''}` : method;
}
