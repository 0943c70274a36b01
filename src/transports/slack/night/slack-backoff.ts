import type { NightDisplay } from '../../../board/night-display.ts';
import { backoffMs } from '../../../backoff.ts';
import type { Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import type { SlackContext } from '../context.ts';
import type { Messenger, Published } from '../messenger/messenger.ts';
import { RateLimitedError, RefusedError, SlackCallError } from '../slack-errors.ts';

/** What a round knows of Slack's health: it spares Slack, and the round, calls that would fail as the last did. */
export type SlackBackoff = {
  /** Whether Slack may be asked for something, by its name. */
  readonly mayTry: (what: string) => boolean;
  /** Slack did what it was asked for. */
  readonly over: (what: string) => void;
  /** @throws what is not Slack's failure */
  readonly met: (error: unknown, what: string) => void;
};

/** Real ms. */
const delays = { firstMs: 2_000, maxMs: 30_000 };
const complainEveryMs = 300_000;

type Delay = { readonly failures: number; readonly until: number };

/** Does things in a channel under a back-off of its own; see `NightDisplay.attempt`. */
export function createAttempt(
  { clock, log, onPosted }: Pick<SlackContext, 'clock' | 'log' | 'onPosted'>,
  channel: string,
): NightDisplay['attempt'] {
  const backoff = createSlackBackoff(clock, log);
  let asked = '';
  onPosted.add((posted) => {
    if (posted === channel) backoff.over(asked);
  });
  return async (what, work) => {
    if (!backoff.mayTry(what)) return;
    asked = what;
    try {
      await work();
    } catch (error) {
      backoff.met(error, what);
    } finally {
      asked = '';
    }
  };
}

/**
 * Waits 2 to 30 s (real) after each failure: after an outage with everything, after a refusal with what was refused.
 * The same refusal is an error in the log once in five minutes.
 */
function createSlackBackoff(clock: Clock, log: Logger): SlackBackoff {
  let away: Delay | undefined;
  /** What Slack refuses for its own sake, while it does everything else. */
  const refused = new Map<string, Delay>();
  const complained = new Map<string, number>();
  const longer = (delay: Delay | undefined): Delay => {
    const failures = (delay?.failures ?? 0) + 1;
    return { failures, until: clock.monotonic() + backoffMs(delays, failures) };
  };

  return {
    mayTry: (what) =>
      clock.monotonic() >= Math.max(away?.until ?? -Infinity, refused.get(what)?.until ?? -Infinity),
    over: (what) => {
      if (away !== undefined) log.info('slack answers again');
      away = undefined;
      refused.delete(what);
    },
    met: (error, what) => {
      if (!(error instanceof SlackCallError)) throw error;
      if (error instanceof RateLimitedError) {
        // Our own pacing remembers how long; other methods go on.
        log.debug({ method: error.method, retry_after_ms: error.retryAfterMs, what }, 'slack asks to wait');
        return;
      }
      if (!(error instanceof RefusedError)) {
        log.warn({ err: error, what }, 'slack is away: it is tried again');
        away = longer(away);
        return;
      }
      // A person must act, and must not be called at every round.
      if (clock.monotonic() - (complained.get(error.error) ?? -Infinity) >= complainEveryMs) {
        complained.set(error.error, clock.monotonic());
        log.error({ err: error, what }, `slack refuses: ${error.advice}`);
      }
      if (error.kind === 'auth' || error.kind === 'channel') away = longer(away);
      else refused.set(what, longer(refused.get(what)));
    },
  };
}

const answers: readonly Published['state'][] = ['posted', 'edited', 'adopted'];

/** A messenger that reports each success of Slack, and in which channel; a message that is as it should be asks nothing. */
export function noticingSuccess(messenger: Messenger, posted: (channel: string) => void): Messenger {
  return {
    ...messenger,
    publish: async (...message) => {
      const published = await messenger.publish(...message);
      if (answers.includes(published.state)) posted(published.channel);
      return published;
    },
  };
}
