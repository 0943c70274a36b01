import { messageOf, type Answer, type Ask } from './http-client.ts';

/** What became of one try to report. */
export type Verdict =
  | { readonly outcome: 'sent' }
  /** Nothing is registered under this id. */
  | { readonly outcome: 'unknown' }
  /** Trying again would get the same answer. */
  | { readonly outcome: 'refused'; readonly reason: string }
  | Later;

/**
 * Another try may do better. `key`: not before somebody changes the key or what it allows.
 * `waitMs`: when it asked us to come back, real ms, if it did.
 */
export type Later = {
  readonly outcome: 'later';
  readonly fault: 'key' | 'away';
  readonly reason: string;
  readonly waitMs: number | undefined;
};

/** Client errors that pass: https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx */
const passing = new Set([408, 425, 429]);

/** What an answer means for a report. Anything that Ronda would not say is somebody else's, and may pass. */
export function verdictOf(answer: Answer): Verdict {
  if (!answer.answered) return later('away', `cannot be reached: ${causeOf(answer.cause.cause)}`);
  const { status, text, waitMs, location } = answer;
  if (status >= 200 && status < 300) return { outcome: 'sent' };
  return statusVerdict(status, location === undefined ? messageOf(text) : `moved to ${location}`, waitMs);
}

/** The same for one element of a batch's answer. */
export function statusVerdict(status: number, message: string, waitMs?: number): Verdict {
  if (status === 200) return { outcome: 'sent' };
  const reason = `answers ${status}: ${message}`;
  if (status === 404) return { outcome: 'unknown' };
  if (status === 401 || status === 403) return later('key', reason);
  if (status >= 400 && status < 500 && !passing.has(status)) return { outcome: 'refused', reason };
  return later('away', reason, waitMs);
}

function later(fault: Later['fault'], reason: string, waitMs?: number): Later {
  return { outcome: 'later', fault, reason, waitMs };
}

function causeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === 'TimeoutError' ? 'no answer within 10 s' : cause.message;
}

export const notRegistered = {
  outcome: 'refused',
  reason: 'does not know this ID, and --no-register forbids to register it',
} as const;

/** Makes a scheduler known; undefined: it may not. */
export type Register = ((signal: AbortSignal) => Promise<Answer>) | undefined;

/** Reports once; a scheduler that nobody registered is registered first, if that is allowed. */
export async function tryOnce(
  send: (signal: AbortSignal) => Promise<Answer>,
  register: Register,
  signal: AbortSignal,
): Promise<Exclude<Verdict, { outcome: 'unknown' }>> {
  const first = verdictOf(await send(signal));
  if (first.outcome !== 'unknown') return first;
  if (register === undefined) return notRegistered;
  const registered = verdictOf(await register(signal));
  const second = registered.outcome === 'sent' ? verdictOf(await send(signal)) : registered;
  // Ronda knows this path: what says 404 to it stands in its place, or in front of it.
  return second.outcome === 'unknown' ? later('away', 'answers 404: is this the URL of a Ronda?') : second;
}

/** The calls for one scheduler's reports. */
export function callsOf(ask: Ask, id: string) {
  const path = `/schedulers/${encodeURIComponent(id)}`;
  return {
    status: (body: unknown) => (signal: AbortSignal) =>
      ask('PUT', `${path}/status`, JSON.stringify(body), signal),
    heartbeat: (body: unknown) => (signal: AbortSignal) =>
      ask('POST', `${path}/heartbeat`, JSON.stringify(body), signal),
    register: (body: unknown) => (signal: AbortSignal) =>
      ask('POST', '/schedulers/register', JSON.stringify(body), signal),
  };
}
