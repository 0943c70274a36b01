import { createHmac } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import type { RegisteredApp } from './state.ts';

export type AppAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly type: string; readonly text: string }
  | { readonly kind: 'timed_out' | 'no_app' };

/** Slack waits no longer: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response */
const acknowledgeMs = 3_000;

/**
 * Sends a request as Slack does, signed, to where the app listens: to the newest address that answers. One that
 * took the request and said nothing in time is not passed over, it may have done the work.
 * Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export async function sendToApp(
  apps: readonly RegisteredApp[],
  body: { readonly type: string; readonly text: string },
  clock: Clock,
): Promise<AppAnswer> {
  for (const app of apps.toReversed()) {
    const signal = AbortSignal.timeout(acknowledgeMs);
    const timestamp = String(Math.floor(clock.real() / 1_000));
    try {
      const response = await fetch(app.request_url, {
        method: 'POST',
        headers: {
          'content-type': body.type,
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': signatureOf(app.signing_secret, timestamp, body.text),
        },
        body: body.text,
        redirect: 'error',
        signal,
      });
      return {
        kind: 'answered',
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        text: await response.text(),
      };
    } catch {
      if (signal.aborted) return { kind: 'timed_out' };
      // Nobody is there: the next one may be.
    }
  }
  return { kind: 'no_app' };
}

/** `v0=` and the HMAC-SHA256 of version, time and raw body. @param timestamp seconds since the Unix epoch */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}
