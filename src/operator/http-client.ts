import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { DependencyError } from '../errors.ts';

/** What came of one request to a Ronda. */
export type Answer =
  | {
      readonly answered: true;
      readonly status: number;
      readonly text: string;
      /** When it asked us to come back, in real ms, if it did. */
      readonly waitMs: number | undefined;
      /** Where it sends us instead, if it does. */
      readonly location: string | undefined;
    }
  | { readonly answered: false; readonly cause: DependencyError };

/** Sends one request with a JSON body. An abort of the signal ends it as not answered; it never rejects. */
export type Ask = (
  method: 'POST' | 'PUT',
  path: string,
  body: string,
  signal: AbortSignal,
) => Promise<Answer>;

const requestTimeoutMs = 10_000;

/**
 * Asks the Ronda at a base URL (without `/api/v1`), each request within 10 s. A redirect is not followed: what
 * stands behind it, like a page to sign in, would answer 200 to anything.
 */
export function createAsk(url: string, apiKey: string, clock: Pick<Clock, 'real'>): Ask {
  return async (method, path, body, signal) => {
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        redirect: 'manual',
        headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
      });
      const text = await response.text();
      const { status, headers } = response;
      const waitMs = retryAfterMs(headers.get('retry-after'), clock.real());
      return { answered: true, status, text, waitMs, location: headers.get('location') ?? undefined };
    } catch (error) {
      return { answered: false, cause: unreachable(url, error) };
    }
  };
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
export function messageOf(text: string): string {
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
