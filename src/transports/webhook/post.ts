import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { guardedLookup, isInternal, refusal } from './addresses.ts';

export type Answer = {
  readonly status: number;
  /** What it asks to wait, real ms. */
  readonly retryAfterMs: number | undefined;
  /** The beginning of its body. */
  readonly text: string;
};

/** Whoever takes longer is tried again. Real ms. */
const timeoutMs = 10_000;
const maxAnswer = 1_000;

/**
 * Posts JSON to an address, and to no other: no redirect is followed.
 * @param isAllowed whether the host may be at a loopback or private address
 * @throws Error that says why no answer came
 */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  isAllowed: boolean,
): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An address is never looked up.
  if (!isAllowed && isIP(host) !== 0 && isInternal(host)) throw refusal(host);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'ronda' },
      lookup: guardedLookup(isAllowed),
      signal: AbortSignal.timeout(timeoutMs),
      agent: false,
    });
    sent.on('response', resolve);
    sent.on('error', (error) => {
      reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs / 1_000} s`) : error);
    });
    sent.end(body);
  });
  const text = await beginningOf(response);
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined,
    text,
  };
}

/** The status says all; what a body says is only for people, so that one that breaks off or has no end is no matter. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length >= maxAnswer) break;
    }
  } catch {
    return text;
  }
  return text.slice(0, maxAnswer);
}
