import { z } from 'zod';
import { pause, type Clock } from '../../clock.ts';
import { DependencyError, UsageError } from '../../errors.ts';
import { createAsk, messageOf, type Ask } from '../../job/reports/http-client.ts';

/** A Ronda, asked over HTTP. */
export type Api = {
  /** @throws UsageError when it refuses, DependencyError when it is away */
  readonly get: (path: string) => Promise<unknown>;
  /** @returns why it refuses; undefined: it is done. @throws UsageError for the key, DependencyError when it is away */
  readonly send: (method: 'POST' | 'PUT', path: string, body: object) => Promise<string | undefined>;
};

/** A fleet's schedulers are one answer. */
const maxAnswerBytes = 256 * 1_024 * 1_024;
/** How often something is tried again that was limited, or away for a moment. */
const maxTries = 30;
const waitMs = 1_000;

const given = z.object({
  RONDA_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .default('http://127.0.0.1:3000')
    .transform((url) => url.replace(/(\/api\/v1)?\/*$/, '')),
  RONDA_API_KEY: z.string({ error: 'is required' }).regex(/^[\x21-\x7e]+$/, 'must be visible ASCII'),
});

/** The Ronda that `RONDA_URL` and `RONDA_API_KEY` name. @throws UsageError when they are not usable */
export function openApi(
  env: Readonly<Record<string, string | undefined>>,
  clock: Pick<Clock, 'real'>,
  signal: AbortSignal,
): Api {
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const parsed = given.safeParse({ RONDA_URL: text('RONDA_URL'), RONDA_API_KEY: text('RONDA_API_KEY') });
  if (!parsed.success)
    throw new UsageError(
      parsed.error.issues.map(({ path: [name], message }) => `${String(name)}: ${message}`).join('\n'),
    );
  const { RONDA_URL: url, RONDA_API_KEY: key } = parsed.data;
  const ask = createAsk(url, key, clock, env, maxAnswerBytes);
  const answerOf = (method: Parameters<Ask>[0], path: string, body: string) =>
    answerTo(url, signal, () => ask(method, path, body, signal));
  return {
    get: async (path) => {
      const { status, text } = await answerOf('GET', path, '');
      if (status === 200) return parsedJson(url, text);
      throw new UsageError(`GET ${path}: ${status} ${messageOf(text)}`);
    },
    send: async (method, path, body) => {
      const { status, text } = await answerOf(method, path, JSON.stringify(body));
      return status >= 200 && status < 300 ? undefined : `${status} ${messageOf(text)}`;
    },
  };
}

async function answerTo(
  url: string,
  signal: AbortSignal,
  ask: () => ReturnType<Ask>,
): Promise<{ readonly status: number; readonly text: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (!answer.answered) throw answer.cause;
    const { status, text } = answer;
    if (status === 401) throw new UsageError(`${url} does not accept RONDA_API_KEY: ${messageOf(text)}`);
    if (status !== 429 && status < 500) return answer;
    if (attempt === maxTries || signal.aborted)
      throw new DependencyError(url, `${status} ${messageOf(text)}`);
    await pause(Math.max(waitMs, answer.waitMs ?? 0), signal);
  }
}

function parsedJson(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DependencyError(url, cause);
  }
}

const object = z.record(z.string(), z.unknown());
const scheduler = z.looseObject({
  scheduler_id: z.string(),
  registered: z.boolean(),
  expectation: object.nullable().default(null),
});
const namedCalendar = z.looseObject({ name: z.string() });

/** What a Ronda has: schedulers that are registered, and calendars, by their ids, each with its fields. */
export type Live = {
  readonly schedulers: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly calendars: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
};

/** What a registration can say of a scheduler. */
export const registrationFields = [
  ...['service_name', 'job_name', 'owner_email', 'alert_user_id', 'heartbeat_timeout_minutes', 'expectation'],
] as const;

/** Reads what there is. @param withCalendars whether they are asked for, which takes the scope admin */
export async function readLive(api: Api, withCalendars: boolean): Promise<Live> {
  const schedulers = z.array(scheduler).parse(await api.get('/schedulers'));
  const calendars = withCalendars ? z.array(namedCalendar).parse(await api.get('/calendars')) : [];
  return {
    schedulers: new Map(
      schedulers
        .filter(({ registered }) => registered)
        .map((one) => [
          one.scheduler_id,
          Object.fromEntries(registrationFields.map((name) => [name, one[name] ?? null])),
        ]),
    ),
    calendars: new Map(calendars.map(({ name, ...fields }) => [name, fields])),
  };
}
