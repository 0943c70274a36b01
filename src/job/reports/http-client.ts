import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../clock.ts';
import { codeOf, DependencyError } from '../../errors.ts';
import { isShaped } from './reports.ts';

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

/** Sends one request with a JSON body, or an empty one. An abort of the signal ends it as not answered; it never rejects. */
export type Ask = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: string,
  signal: AbortSignal,
) => Promise<Answer>;

/**
 * Not by an import: that reads every name of the module, and so loads WebSocket, fetch and HTTP/2, which takes longer
 * than all the rest of `ronda run`.
 */
const { Agent, request } = process.getBuiltinModule('node:http');

const requestTimeoutMs = 10_000;
/** A hundred reports are answered in far less. */
const usualAnswerBytes = 1_024 * 1_024;

type Send = (url: URL, options: Parameters<typeof request>[1]) => ReturnType<typeof request>;

/**
 * Asks the Ronda at a base URL (without `/api/v1`), each request within 10 s, through the proxy that `HTTPS_PROXY`,
 * `HTTP_PROXY` and `NO_PROXY` name (https://nodejs.org/api/http.html#built-in-proxy-support). A redirect is not
 * followed: what stands behind it, like a page to sign in, would answer 200 to anything.
 */
export function createAsk(
  url: string,
  apiKey: string,
  clock: Pick<Clock, 'real'>,
  env: NodeJS.ProcessEnv = process.env,
  maxAnswerBytes = usualAnswerBytes,
): Ask {
  // fetch would do as well, and costs a job's machine more than all the rest of `ronda run`.
  let way: Promise<Send> | undefined;
  return async (method, path, body, signal) => {
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    try {
      way ??= wayTo(url, env);
      const send = await way;
      const response = await answerTo(send, new URL(`${url}/api/v1${path}`), body, {
        method,
        headers: {
          'x-api-key': apiKey,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        signal: AbortSignal.any([signal, timeout]),
        maxAnswerBytes,
      });
      const { statusCode: status = 0, headers } = response.message;
      const waitMs = retryAfterMs(headers['retry-after'] ?? null, clock.real());
      return { answered: true, status, text: response.text, waitMs, location: headers.location };
    } catch (error) {
      return { answered: false, cause: unreachable(url, timeout.aborted ? timeout.reason : error) };
    }
  };
}

/** TLS is loaded only for those who need it. @throws for a proxy whose URL is none */
async function wayTo(url: string, env: NodeJS.ProcessEnv): Promise<Send> {
  const options = { keepAlive: true, proxyEnv: env };
  if (!/^https:/i.test(url)) {
    const agent = new Agent(options);
    return (to, given) => request(to, { ...given, agent });
  }
  const https = await import('node:https');
  const agent = new https.Agent(options);
  return (to, given) => https.request(to, { ...given, agent });
}

function answerTo(
  send: Send,
  url: URL,
  body: string,
  { maxAnswerBytes, ...options }: Parameters<Send>[1] & { readonly maxAnswerBytes: number },
): Promise<{ message: IncomingMessage; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = send(url, options);
    asking.once('error', reject);
    asking.once('response', (message) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      message.once('error', reject);
      message.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) message.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      message.once('end', () => {
        resolve({ message, text: Buffer.concat(chunks).toString() });
      });
    });
    asking.end(body);
  });
}

/** fetch says why in its cause alone; of several addresses that failed, only the code is told. */
export function unreachable(dependency: string, error: unknown): DependencyError {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  const why = isFault(cause) ? cause : error;
  if (!isFault(why) || (why === error && why.message !== '')) return new DependencyError(dependency, error);
  return new DependencyError(dependency, new Error(why.message || codeOf(why), { cause: error }));
}

function isFault(value: unknown): value is { readonly message: string } {
  return isShaped(value, { message: (message) => typeof message === 'string' });
}

/** What an error answer says, whoever gave it: Ronda's own message, else the text's beginning. */
export function messageOf(text: string): string {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'message' in answer) {
      const lines = [answer.message].flat();
      if (lines.every((line) => typeof line === 'string')) return lines.join('; ');
    }
  } catch {
    // Not JSON: something in between has answered.
  }
  return text.trim().slice(0, 200);
}

/** Nobody means us to wait longer, and a timer cannot do much longer. */
const longestWaitMs = 3_600_000;
/** The three forms of a date, all of which begin with a day: `Date.parse` would take "0.5" for one, too. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * Seconds or a date, as real ms from now, at most an hour; undefined for what is neither. It is a wish not to come
 * earlier: a date that is past, and 0, leave the wait to whoever asked.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Math.min(Number(header) * 1_000, longestWaitMs);
  const date = httpDate.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - now), longestWaitMs);
}
