import { pause } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import { RefusedError, type SlackCallError } from '../slack-errors.ts';

/** Whether Slack took the token when it was asked for anything last. */
export type TokenWatch = {
  /** Called after every call that Slack was asked for, and of how it failed, if it did. */
  readonly asked: (error?: SlackCallError) => void;
  /** What Slack has against the token, for people; null: it took it when last asked. */
  readonly problem: () => string | null;
};

/** https://docs.slack.dev/reference/methods/auth.test#errors, those that are about the token itself. */
const refusals = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
]);

/** Watches the token of one process. A refusal is logged as an error once, until another answer comes. */
export function createTokenWatch(log: Logger): TokenWatch {
  let problem: string | null = 'Slack has not been reached yet';
  return {
    asked: (error) => {
      // No answer says nothing of the token; any other refusal comes after Slack has taken it.
      if (error !== undefined && !(error instanceof RefusedError)) return;
      const next =
        error !== undefined && refusals.has(error.error) ? `Slack refuses the token: ${error.error}` : null;
      if (next !== null && next !== problem) log.error({ err: error }, 'slack refuses the token');
      problem = next;
    },
    problem: () => problem,
  };
}

/** A token may be revoked, or replaced, while nothing is posted: our health shows it all the same. */
export async function keepAsking(
  ask: () => Promise<unknown>,
  everyMs: number,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    await ask().catch((error: unknown) => {
      log.debug({ err: error }, 'slack could not be asked whether it takes the token');
    });
  }
}
