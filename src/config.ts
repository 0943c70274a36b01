import { IANAZone } from 'luxon';
import { z } from 'zod';
import { createClock, type Clock } from './clock.ts';
import { UsageError } from './errors.ts';
import { schedulerId } from './events/fields.ts';
import { conventionOf, wholeOf, type IdConvention } from './events/id-convention.ts';

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`);

const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with offset, like 2026-11-23T23:58:00+07:00' })
  .transform((text) => Date.parse(text));

const window = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'must look like 00:00-06:00, or 00:00-24:00 for all day',
  )
  .refine((text) => text.slice(0, 5) !== text.slice(6), 'must not start and end at the same minute');

/** A whole number of minutes in which a night's board is brought up to date. */
const minutes = [1, 1_440] as const;
const updateMinutes = whole(...minutes);

const pattern = z
  .string()
  .refine((text) => wholeOf(text) !== undefined, 'must be a regular expression, like [a-z]+(-[a-z]+)*');

const secret = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[\\x21-\\x7e]+$`), `must be a token that begins with ${prefix}`);

const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((text) => text === 'true')
  .default(false);

const zone = z
  .string()
  .refine((name) => IANAZone.isValidZone(name), 'must be an IANA time zone like Asia/Jakarta');
const channelId = z
  .string()
  .regex(/^[CG][A-Z0-9]{2,20}$/, "must be a channel's id like C0123ABCD, not its name");

/** Where alerts of a board go. What it does not name is any. */
const route = z.strictObject({
  severity: z
    .array(z.enum(['critical', 'error', 'warning']))
    .min(1)
    .optional(),
  kinds: z
    .array(z.enum(['failure', 'stale', 'late', 'overdue', 'too_short', 'too_long', 'unmet']))
    .min(1)
    .optional(),
  services: z.array(z.string().min(1)).min(1).optional(),
  to: z
    .string()
    .regex(
      /^(?:slack(?::[CG][A-Z0-9]{2,20})?|(?!slack:)[a-z]+:[a-z0-9][a-z0-9-]*)$/,
      'must be slack, slack:CHANNEL with its id, or a transport like webhook:ops',
    ),
  after_minutes: z.int().min(1).max(minutes[1]).optional(),
});

/** One board of the file that `RONDA_BOARDS` names. */
const boardSetting = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z 0-9 -')
    .default('eod'),
  channel: channelId,
  zone: zone.default('Asia/Jakarta'),
  window: window.default('00:00-06:00'),
  update_minutes: z.int().min(minutes[0]).max(minutes[1]).default(60),
  /** Only schedulers of these services; without it all. */
  services: z.array(z.string().min(1)).min(1).optional(),
  /** Without them alerts go to the board's channel. */
  routes: z.array(route).min(1).optional(),
});
export const boardSettings = z
  .array(boardSetting)
  .min(1, 'must hold at least one board')
  .refine(
    (boards) => new Set(boards.map(({ name }) => name)).size === boards.length,
    'must give every board a name of its own',
  );

/** A setting as `ronda settings` prints it. */
export type SettingRow = {
  readonly name: string;
  /** Null: it has none. */
  readonly default: string | number | boolean | null;
  readonly meaning: string;
};

/** Every setting, its default and its meaning: the source of docs/settings.md. */
export const settings = z.object({
  RONDA_BACKEND: z
    .enum(['embedded', 'aws'])
    .default('embedded')
    .describe(
      '`embedded` starts (or joins) the engines on this machine; `aws` uses the AWS SDK configuration',
    ),
  RONDA_DATA_DIR: z
    .string()
    .min(1)
    .default('.data')
    .describe("the embedded engines' files; `:memory:` keeps nothing"),
  RONDA_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 of A-Z a-z 0-9 _ -')
    .default('ronda-')
    .describe('of every table and queue name'),
  PORT: whole(0, 65535).default(3000).describe('HTTP; 0 picks a free port and prints it'),
  HOST: z
    .string()
    .min(1)
    .optional()
    .describe('HTTP; default `0.0.0.0`, with the embedded engines `127.0.0.1`'),
  RONDA_BOOTSTRAP_API_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII')
    .optional()
    .describe('a key with all scopes that exists from the start (embedded: made once, printed, kept)'),
  RATE_LIMIT_PER_MINUTE: whole(0, 1_000_000)
    .default(100)
    .describe('requests per API key, to 50,000 where replicas share them; `0` turns it off'),
  RATE_LIMIT_STORE: z
    .enum(['memory', 'dynamodb'])
    .default('memory')
    .describe('`dynamodb` shares the window between replicas'),
  RONDA_VISIBILITY_SECONDS: whole(1, 43_200)
    .default(30)
    .describe('visibility time-out of a received message'),
  RONDA_LEASE_SECONDS: whole(1, 3_600)
    .default(60)
    .describe('how long one replica alone may post a message; time-outs towards Slack scale with it'),
  RONDA_POLLERS: whole(1, 50).default(4).describe('how many receives a consumer keeps open'),
  RONDA_DRAIN_SECONDS: whole(0, 300)
    .optional()
    .describe(
      'after SIGTERM it is not ready, but still takes requests for so long; default `5`, with the embedded engines `0`',
    ),
  RONDA_ID_PATTERN: pattern
    .optional()
    .describe(
      'a regular expression that the whole id of a newly registered scheduler must match; none: any id will do',
    ),
  RONDA_ID_EXAMPLE: schedulerId
    .optional()
    .describe(
      'an id that matches it, for the answers that refuse one; default: one that Ronda finds, if it does',
    ),
  TRUST_PROXY: z
    .string()
    .min(1)
    .optional()
    .describe('which proxies in front to believe about client addresses'),
  SLACK_BOT_TOKEN: secret('xoxb-')
    .optional()
    .describe('none: a Slack workspace on this machine stands in; the role `slack` needs it on `aws`'),
  SLACK_STAND_IN: flag.describe(
    '`true`: without a token the role `slack` starts on `aws`, too, and posts nowhere',
  ),
  SLACK_SIGNING_SECRET: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('proves that a request at `/slack/events` is from Slack'),
  SLACK_APP_TOKEN: secret('xapp-').optional().describe('with it Slack is reached by Socket Mode'),
  SLACK_CHANNEL: channelId.optional().describe("the board's channel: its id, not its name"),
  SLACK_API_URL: z.url('must be a URL').optional().describe('another base URL of the Web API'),
  SLACK_ALLOW_EXTERNAL: flag.describe(
    '`true`: people of other organisations, in shared channels, may act, too',
  ),
  SLACK_TABLE: z
    .enum(['table', 'data_table'])
    .default('table')
    .describe('`data_table` can be sorted and filtered; not every client shows it'),
  EOD_TIMEZONE: zone.default('Asia/Jakarta').describe('the zone of the night'),
  EOD_WINDOW: window
    .default('00:00-06:00')
    .describe(
      'the night; it may cross midnight; `00:00-24:00` is all day (embedded, none of `EOD_*` set: all day, live, here)',
    ),
  EOD_UPDATE_MINUTES: updateMinutes.default(60).describe('how often the board is brought up to date'),
  EOD_LIVE: flag.describe('`true` also edits the board within 30 s of a change'),
  RONDA_BOARDS: z
    .string()
    .optional()
    .describe('path of a JSON file of boards; without it there is one, from the settings above'),
  STALE_AFTER_MINUTES: whole(1, 1_440)
    .default(10)
    .describe('a running job that is silent for longer is stale; a registration may say otherwise'),
  STALE_CHECK_MINUTES: whole(1, 1_440).default(5).describe('how often stale jobs are looked for'),
  HISTORY_RETENTION_DAYS: whole(1, 36_500).default(30).describe('how long history entries count'),
  EVENT_RETENTION_DAYS: whole(1, 36_500)
    .default(400)
    .describe('how long statuses, acknowledgements and snoozes count'),
  HEARTBEAT_RETENTION_DAYS: whole(1, 36_500).default(7).describe('how long heartbeats count'),
  RONDA_CLOCK_START: instant
    .optional()
    .describe("Ronda's time at the origin, to watch a night at another hour"),
  RONDA_CLOCK_SPEED: z.coerce
    .number({ error: 'must be a number' })
    .min(0.001)
    .max(100_000)
    .default(1)
    .describe("how many times faster Ronda's time runs"),
  RONDA_CLOCK_ORIGIN: instant.optional().describe('the real instant at which the clock read its start'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level logged'),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional().describe('default `pretty` on a terminal, else `json`'),
  AWS_ENDPOINT_URL: z.url().optional().describe("the AWS SDK's own: a compatible endpoint for every service"),
  AWS_ENDPOINT_URL_SQS: z.url().optional().describe("the AWS SDK's own: a compatible SQS endpoint"),
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional().describe("the AWS SDK's own: a compatible DynamoDB endpoint"),
});

export type Settings = z.infer<typeof settings>;

/**
 * The settings of an environment. Empty variables count as unset, as in a compose file.
 * @throws UsageError that names every bad setting at once
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const given = { ...nightHere(set), ...set };
  const parsed = settings.safeParse(given);
  const issues = parsed.error?.issues ?? [];
  const bad = new Set(issues.map(({ path }) => String(path[0])));
  const sound = settings.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !bad.has(name))));
  const problems = [...issues.map(describe), ...crossChecks(sound, bad)];
  if (problems.length > 0 || !parsed.success) {
    throw new UsageError(`Settings that cannot be used:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  return parsed.data;
}

const nightSettings = ['EOD_TIMEZONE', 'EOD_WINDOW', 'EOD_UPDATE_MINUTES', 'EOD_LIVE', 'RONDA_BOARDS'];

/**
 * On one's own machine, with nothing said of nights, a first event is to be seen at once, whenever and wherever it is
 * sent: the board is there all day, in the machine's zone, and kept up to date.
 */
function nightHere(set: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const isEmbedded = (set['RONDA_BACKEND'] ?? 'embedded') === 'embedded';
  if (!isEmbedded || nightSettings.some((name) => set[name] !== undefined)) return {};
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { EOD_TIMEZONE: timeZone, EOD_WINDOW: '00:00-24:00', EOD_LIVE: 'true' };
}

function describe(issue: { path: PropertyKey[]; message: string }): string {
  return `${issue.path.map(String).join('.')}: ${issue.message}`;
}

/** So many requests of a minute one DynamoDB item holds (`src/ingress/rate-limit/shared-window.ts`). */
const maxSharedLimit = 50_000;

/** What does not go together. Bad settings stand at their defaults here, so a rule about one is not asked. */
function crossChecks(s: Settings, bad: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const judged = (names: RegExp): boolean => ![...bad].some((name) => names.test(name));
  if (judged(/^(HISTORY|EVENT)_/) && s.HISTORY_RETENTION_DAYS > s.EVENT_RETENTION_DAYS) {
    problems.push(
      'HISTORY_RETENTION_DAYS: must not exceed EVENT_RETENTION_DAYS, which history is rebuilt from',
    );
  }
  if (s.SLACK_BOT_TOKEN !== undefined && judged(/^(SLACK|RONDA_BOARDS)/)) {
    if (s.SLACK_CHANNEL === undefined && s.RONDA_BOARDS === undefined)
      problems.push('SLACK_CHANNEL: is required with SLACK_BOT_TOKEN (or RONDA_BOARDS)');
    if (s.SLACK_SIGNING_SECRET === undefined && s.SLACK_APP_TOKEN === undefined)
      problems.push('SLACK_SIGNING_SECRET: is required with SLACK_BOT_TOKEN (or SLACK_APP_TOKEN)');
  }
  if (s.SLACK_BOT_TOKEN === undefined && judged(/^(SLACK|RONDA_BACKEND)/) && s.SLACK_APP_TOKEN !== undefined)
    problems.push('SLACK_BOT_TOKEN: is required with SLACK_APP_TOKEN');
  if (s.RONDA_ID_PATTERN !== undefined && judged(/^RONDA_ID_/) && idConventionOf(s) === undefined)
    problems.push(
      s.RONDA_ID_EXAMPLE === undefined
        ? 'RONDA_ID_EXAMPLE: is required with a RONDA_ID_PATTERN that no usual id matches: set it to an id that does'
        : 'RONDA_ID_EXAMPLE: must match RONDA_ID_PATTERN',
    );
  if (judged(/^RATE_LIMIT_/) && s.RATE_LIMIT_STORE === 'dynamodb' && s.RATE_LIMIT_PER_MINUTE > maxSharedLimit)
    problems.push(`RATE_LIMIT_PER_MINUTE: must be at most ${maxSharedLimit} with RATE_LIMIT_STORE=dynamodb`);
  const fast = s.RONDA_CLOCK_START !== undefined || s.RONDA_CLOCK_SPEED !== 1;
  const local =
    s.AWS_ENDPOINT_URL !== undefined ||
    (s.AWS_ENDPOINT_URL_SQS !== undefined && s.AWS_ENDPOINT_URL_DYNAMODB !== undefined);
  if (judged(/^AWS_/) && fast && s.RONDA_BACKEND === 'aws' && !local) {
    problems.push(
      'RONDA_CLOCK_START, RONDA_CLOCK_SPEED: only with an AWS_ENDPOINT_URL_..., never on AWS itself',
    );
  }
  return problems;
}

/** How the ids of newly registered schedulers are to look; undefined where the settings do not say. */
export function idConventionOf(settings: Settings): IdConvention | undefined {
  const { RONDA_ID_PATTERN: text, RONDA_ID_EXAMPLE: example } = settings;
  return text === undefined ? undefined : conventionOf(text, example);
}

/** Ronda's clock, as the settings have it. */
export function clockOf(settings: Settings): Clock {
  return createClock({
    start: settings.RONDA_CLOCK_START,
    speed: settings.RONDA_CLOCK_SPEED,
    origin: settings.RONDA_CLOCK_ORIGIN,
  });
}
