import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { DependencyError, isDependencyError, UsageError } from '../errors.ts';
import { utc } from '../events/time.ts';
import { createPublisher } from '../queue/publisher.ts';
import { createAsk, messageOf } from '../job/reports/http-client.ts';
import type { FleetEvent } from './fleet.ts';

/** What became of one try to send an event. */
export type Attempt =
  | { readonly outcome: 'accepted' }
  /** Trying again would get the same answer. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Over the rate limit, which is the whole sender's: nothing goes before `waitMs` (real) are over. */
  | { readonly outcome: 'limited'; readonly waitMs: number }
  /** What we send to is away. `waitMs` (real): when it asked us to come back, if it did. */
  | { readonly outcome: 'away'; readonly cause: DependencyError; readonly waitMs: number | undefined };

/** A way for an event to reach Ronda. An abort of the signal ends a try as `away`. */
export type Route = (event: FleetEvent, signal: AbortSignal) => Promise<Attempt>;

/** What an event says, as docs/sqs.md has it: over HTTP the same fields without `type`. */
export function bodyOf({ at, report }: FleetEvent): string {
  return JSON.stringify({ ...report, timestamp: utc(at) });
}

/** When a 429 does not say how long. */
const limitedMs = 1_000;

/**
 * Sends over HTTP.
 * @param url Ronda's base, without `/api/v1`
 * @throws UsageError (by rejection) when the key is not accepted: no event will do better
 */
export function httpRoute(url: string, apiKey: string, clock: Clock): Route {
  const ask = createAsk(url, apiKey, clock);
  return async (event, signal) => {
    const { method, path } = targetOf(event);
    const answer = await ask(method, path, bodyOf(event), signal);
    if (!answer.answered) return { outcome: 'away', cause: answer.cause, waitMs: undefined };
    const { status, text, waitMs } = answer;
    if (status >= 200 && status < 300) return { outcome: 'accepted' };
    if (status === 401) throw new UsageError(`${url} does not accept the API key: ${messageOf(text)}`);
    if (status === 429) return { outcome: 'limited', waitMs: waitMs ?? limitedMs };
    if (status >= 500 || status === 408) {
      return { outcome: 'away', cause: new DependencyError(url, `${status} ${messageOf(text)}`), waitMs };
    }
    return { outcome: 'refused', reason: `${method} ${path}: ${status} ${messageOf(text)}` };
  };
}

/** Sends straight to the events queue, as services with AWS credentials do. */
export function queueRoute(client: SQSClient, queueUrl: string): Route {
  const publisher = createPublisher(client, queueUrl);
  return async (event) => {
    const groupId = 'service_name' in event.report ? event.report.service_name : undefined;
    try {
      await publisher.send({ body: bodyOf(event), groupId });
      return { outcome: 'accepted' };
    } catch (error) {
      if (!isDependencyError(error)) throw error;
      return { outcome: 'away', cause: new DependencyError('queue', error), waitMs: undefined };
    }
  };
}

function targetOf({ report }: FleetEvent): { method: 'POST' | 'PUT'; path: string } {
  const id = encodeURIComponent(report.scheduler_id);
  switch (report.type) {
    case 'register':
      return { method: 'POST', path: '/schedulers/register' };
    case 'status':
      return { method: 'PUT', path: `/schedulers/${id}/status` };
    case 'heartbeat':
      return { method: 'POST', path: `/schedulers/${id}/heartbeat` };
  }
}
