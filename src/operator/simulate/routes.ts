import type { SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { DependencyError, isDependencyError, UsageError } from '../../errors.ts';
import { utc } from '../../events/time.ts';
import { createPublisher } from '../../queue/publisher.ts';
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

const requestTimeoutMs = 10_000;
/** When a 429 does not say how long. */
const limitedMs = 1_000;

/**
 * Sends over HTTP.
 * @param url Ronda's base, without `/api/v1`
 * @throws UsageError (by rejection) when the key is not accepted: no event will do better
 */
export function httpRoute(url: string, apiKey: string, clock: Clock): Route {
  return async (event, signal) => {
    const { method, path } = targetOf(event);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body: bodyOf(event),
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      });
      text = await response.text();
    } catch (error) {
      return { outcome: 'away', cause: unreachable(url, error), waitMs: undefined };
    }
    const { status, headers, ok } = response;
    if (ok) return { outcome: 'accepted' };
    if (status === 401) throw new UsageError(`${url} does not accept the API key: ${messageOf(text)}`);
    const waitMs = retryAfterMs(headers.get('retry-after'), clock.real());
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

function targetOf({ report }: FleetEvent): { method: string; path: string } {
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

const networkFault = z.object({ cause: z.object({ message: z.string(), code: z.string().optional() }) });

/** fetch says "fetch failed", and why in its cause; of several addresses that failed, only the code is told. */
export function unreachable(dependency: string, error: unknown): DependencyError {
  const fault = networkFault.safeParse(error).data?.cause;
  const why = fault === undefined ? error : new Error(fault.message || fault.code, { cause: error });
  return new DependencyError(dependency, why);
}

const errorAnswer = z.object({ message: z.union([z.string(), z.array(z.string())]) });

/** What an error answer says, whoever gave it: Ronda's own message, else the text's beginning. */
function messageOf(text: string): string {
  try {
    return [errorAnswer.parse(JSON.parse(text)).message].flat().join('; ');
  } catch {
    return text.trim().slice(0, 200);
  }
}

/** Nobody means us to wait longer, and a timer cannot do much longer. */
const longestWaitMs = 3_600_000;

/**
 * Seconds or a date, as real ms from now, at most an hour.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Math.min(Number(header) * 1_000, longestWaitMs);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), longestWaitMs);
}
