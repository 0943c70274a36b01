import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../src/config.ts';
import { UsageError } from '../src/errors.ts';

/** The lines of the one message that an environment is refused with; none when it is taken. */
function problemsOf(env: Record<string, string>): string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [head, ...lines] = error.message.split('\n');
    expect(head).toBe('Settings that cannot be used:');
    return lines.map((line) => line.trim());
  }
}

describe('settings', () => {
  test('have these defaults', () => {
    expect(readSettings({ RONDA_BACKEND: 'aws' })).toEqual({
      RONDA_BACKEND: 'aws',
      RONDA_DATA_DIR: '.data',
      RONDA_PREFIX: 'ronda-',
      PORT: 3000,
      RATE_LIMIT_PER_MINUTE: 100,
      RATE_LIMIT_STORE: 'memory',
      RONDA_VISIBILITY_SECONDS: 30,
      RONDA_LEASE_SECONDS: 60,
      RONDA_POLLERS: 4,
      SLACK_STAND_IN: false,
      SLACK_ALLOW_EXTERNAL: false,
      SLACK_TABLE: 'table',
      EOD_TIMEZONE: 'Asia/Jakarta',
      EOD_WINDOW: '00:00-06:00',
      EOD_UPDATE_MINUTES: 60,
      EOD_LIVE: false,
      STALE_AFTER_MINUTES: 10,
      STALE_CHECK_MINUTES: 5,
      HISTORY_RETENTION_DAYS: 30,
      EVENT_RETENTION_DAYS: 400,
      HEARTBEAT_RETENTION_DAYS: 7,
      RONDA_CLOCK_SPEED: 1,
      LOG_LEVEL: 'info',
    });
  });

  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const anyHour = { EOD_TIMEZONE: here, EOD_WINDOW: '00:00-24:00', EOD_LIVE: true };
  const production = { EOD_TIMEZONE: 'Asia/Jakarta', EOD_WINDOW: '00:00-06:00', EOD_LIVE: false };

  test.each([
    ['on one’s own machine', {}, anyHour],
    ['on one’s own machine, whose settings are there but empty', { EOD_WINDOW: '' }, anyHour],
    ['on one’s own machine where nights were set', { EOD_UPDATE_MINUTES: '30' }, production],
    ['on one’s own machine where boards were', { RONDA_BOARDS: 'boards.json' }, production],
    ['on AWS', { RONDA_BACKEND: 'aws' }, production],
  ])('show the night %s', (_, env, expected) => {
    expect(readSettings(env)).toMatchObject(expected);
  });

  test('that are given are taken', () => {
    const env = {
      RONDA_BACKEND: 'aws',
      RONDA_DATA_DIR: ':memory:',
      RONDA_PREFIX: 'Night_1-',
      PORT: '0',
      HOST: '0.0.0.0',
      RONDA_BOOTSTRAP_API_KEY: 'a-key-of-16-char',
      RATE_LIMIT_PER_MINUTE: '0',
      RATE_LIMIT_STORE: 'dynamodb',
      RONDA_VISIBILITY_SECONDS: '43200',
      RONDA_LEASE_SECONDS: '3',
      RONDA_POLLERS: '50',
      SLACK_BOT_TOKEN: 'xoxb-1-a',
      SLACK_SIGNING_SECRET: '0123456789abcdef',
      SLACK_APP_TOKEN: 'xapp-1-a',
      SLACK_CHANNEL: 'C0123ABCD',
      SLACK_API_URL: 'http://127.0.0.1:4000/api/',
      SLACK_TABLE: 'data_table',
      SLACK_STAND_IN: 'true',
      SLACK_ALLOW_EXTERNAL: 'true',
      RONDA_ID_PATTERN: '[a-z]+(-[a-z]+)*',
      RONDA_ID_EXAMPLE: 'close-the-books',
      TRUST_PROXY: 'loopback',
      EOD_TIMEZONE: 'America/New_York',
      EOD_WINDOW: '22:00-04:00',
      EOD_UPDATE_MINUTES: '30',
      EOD_LIVE: 'true',
      RONDA_BOARDS: 'boards.json',
      STALE_AFTER_MINUTES: '15',
      STALE_CHECK_MINUTES: '1',
      HISTORY_RETENTION_DAYS: '400',
      EVENT_RETENTION_DAYS: '400',
      HEARTBEAT_RETENTION_DAYS: '36500',
      RONDA_CLOCK_START: '2026-11-23T23:58:00+07:00',
      RONDA_CLOCK_SPEED: '0.5',
      RONDA_CLOCK_ORIGIN: '2026-11-23T10:00:00Z',
      LOG_LEVEL: 'silent',
      LOG_FORMAT: 'json',
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9324',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
    };
    expect(readSettings(env)).toEqual({
      ...env,
      SLACK_STAND_IN: true,
      SLACK_ALLOW_EXTERNAL: true,
      PORT: 0,
      RATE_LIMIT_PER_MINUTE: 0,
      RONDA_VISIBILITY_SECONDS: 43_200,
      RONDA_LEASE_SECONDS: 3,
      RONDA_POLLERS: 50,
      EOD_UPDATE_MINUTES: 30,
      EOD_LIVE: true,
      STALE_AFTER_MINUTES: 15,
      STALE_CHECK_MINUTES: 1,
      HISTORY_RETENTION_DAYS: 400,
      EVENT_RETENTION_DAYS: 400,
      HEARTBEAT_RETENTION_DAYS: 36_500,
      RONDA_CLOCK_START: Date.parse('2026-11-23T16:58:00.000Z'),
      RONDA_CLOCK_SPEED: 0.5,
      RONDA_CLOCK_ORIGIN: Date.parse('2026-11-23T10:00:00.000Z'),
    });
  });

  test('that are empty count as unset, and what is not ours is not looked at', () => {
    expect(readSettings({ PORT: '', RONDA_CLOCK_SPEED: '', HOME: '/home/ronda', EOD: 'x' })).toEqual(
      readSettings({}),
    );
  });
});

describe('a bad setting', () => {
  test.each([
    ['PORT', '65536', 'must be from 0 to 65535'],
    ['PORT', '-1', 'must be a whole number'],
    ['PORT', '80.5', 'must be a whole number'],
    ['PORT', '0x50', 'must be a whole number'],
    ['PORT', '99999999999999999999', 'must be from 0 to 65535'],
    ['RONDA_PREFIX', 'a b', 'must be 1 to 40 of A-Z a-z 0-9 _ -'],
    ['RONDA_PREFIX', 'x'.repeat(41), 'must be 1 to 40 of A-Z a-z 0-9 _ -'],
    ['RATE_LIMIT_PER_MINUTE', '1000001', 'must be from 0 to 1000000'],
    ['RONDA_VISIBILITY_SECONDS', '0', 'must be from 1 to 43200'],
    ['RONDA_VISIBILITY_SECONDS', '43201', 'must be from 1 to 43200'],
    ['RONDA_POLLERS', '0', 'must be from 1 to 50'],
    ['RONDA_LEASE_SECONDS', '0', 'must be from 1 to 3600'],
    ['SLACK_SIGNING_SECRET', 'short', 'must have at least 16 characters'],
    ['SLACK_CHANNEL', '#eod', "must be a channel's id like C0123ABCD, not its name"],
    ['SLACK_API_URL', 'slack', 'must be a URL'],
    ['EOD_LIVE', 'yes', 'must be true or false'],
    ['RONDA_ID_PATTERN', '[a-z', 'must be a regular expression, like [a-z]+(-[a-z]+)*'],
    ['RONDA_ID_EXAMPLE', 'a b', 'must be 1 to 255 of A-Z a-z 0-9 . _ : -'],
    ['EOD_UPDATE_MINUTES', '0', 'must be from 1 to 1440'],
    ['STALE_AFTER_MINUTES', '1441', 'must be from 1 to 1440'],
    ['STALE_CHECK_MINUTES', '2.5', 'must be a whole number'],
    ['EOD_TIMEZONE', 'Asia/Jakata', 'must be an IANA time zone like Asia/Jakarta'],
    ['EOD_WINDOW', '24:00-06:00', 'must look like 00:00-06:00, or 00:00-24:00 for all day'],
    ['EOD_WINDOW', '0:00-6:00', 'must look like 00:00-06:00, or 00:00-24:00 for all day'],
    ['EOD_WINDOW', '22:00-22:00', 'must not start and end at the same minute'],
    ['HISTORY_RETENTION_DAYS', '0', 'must be from 1 to 36500'],
    ['HEARTBEAT_RETENTION_DAYS', '36501', 'must be from 1 to 36500'],
    ['RONDA_CLOCK_SPEED', 'fast', 'must be a number'],
  ])('%s=%s is named with what it must be', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([`${name}: ${problem}`]);
  });

  test.each([
    ['RONDA_BACKEND', 'azure'],
    ['RATE_LIMIT_STORE', 'redis'],
    ['RONDA_CLOCK_SPEED', '0'],
    ['RONDA_CLOCK_SPEED', '-1'],
    ['RONDA_CLOCK_SPEED', '100001'],
    ['RONDA_CLOCK_SPEED', 'Infinity'],
    ['RONDA_CLOCK_START', '2026-11-23T23:58:00'],
    ['RONDA_CLOCK_START', 'yesterday'],
    ['RONDA_CLOCK_ORIGIN', '1795455000'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_FORMAT', 'xml'],
    ['AWS_ENDPOINT_URL', 'localhost'],
  ])('%s=%s is refused', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: .+`));
  });

  test.each(['short', 'a key with blanks in it', 'x'.repeat(257)])(
    'that is a secret is not repeated: %s',
    (key) => {
      const problems = problemsOf({ RONDA_BOOTSTRAP_API_KEY: key }).join('\n');
      expect(problems).toContain('RONDA_BOOTSTRAP_API_KEY: ');
      expect(problems).not.toContain(key);
    },
  );

  test('is named together with every other', () => {
    const problems = problemsOf({
      PORT: 'http',
      RONDA_PREFIX: '',
      EOD_TIMEZONE: 'Mars',
      LOG_LEVEL: 'loud',
      HISTORY_RETENTION_DAYS: '500',
      RONDA_BACKEND: 'aws',
      RONDA_CLOCK_SPEED: '60',
    });
    expect(problems.map((line) => line.split(':')[0])).toEqual([
      'PORT',
      'EOD_TIMEZONE',
      'LOG_LEVEL',
      'HISTORY_RETENTION_DAYS',
      'RONDA_CLOCK_START, RONDA_CLOCK_SPEED',
    ]);
  });

  test('is not judged against another: what it should be is not known', () => {
    expect(problemsOf({ HISTORY_RETENTION_DAYS: '500', EVENT_RETENTION_DAYS: 'many' })).toEqual([
      'EVENT_RETENTION_DAYS: must be a whole number',
    ]);
    const fast = { RONDA_BACKEND: 'aws', RONDA_CLOCK_SPEED: '60', AWS_ENDPOINT_URL: 'localstack' };
    expect(problemsOf(fast).map((line) => line.split(':')[0])).toEqual(['AWS_ENDPOINT_URL']);
  });
});

describe('settings that do not go together', () => {
  test('replicas share no limit that one item of DynamoDB does not hold', () => {
    const shared = (limit: string) => ({ RATE_LIMIT_STORE: 'dynamodb', RATE_LIMIT_PER_MINUTE: limit });
    expect(problemsOf(shared('50000'))).toEqual([]);
    expect(problemsOf(shared('50001'))).toEqual([
      'RATE_LIMIT_PER_MINUTE: must be at most 50000 with RATE_LIMIT_STORE=dynamodb',
    ]);
    expect(problemsOf({ ...shared('50001'), RATE_LIMIT_STORE: 'memory' })).toEqual([]);
  });

  test('history may not be kept longer than the events that it is rebuilt from', () => {
    const days = (history: string, events: string) => ({
      HISTORY_RETENTION_DAYS: history,
      EVENT_RETENTION_DAYS: events,
    });
    expect(problemsOf(days('30', '30'))).toEqual([]);
    expect(problemsOf(days('31', '30'))).toEqual([
      'HISTORY_RETENTION_DAYS: must not exceed EVENT_RETENTION_DAYS, which history is rebuilt from',
    ]);
    expect(problemsOf({ HISTORY_RETENTION_DAYS: '401' })).toHaveLength(1);
  });

  test.each([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, ['SLACK_CHANNEL', 'SLACK_SIGNING_SECRET']],
    [{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C0123ABCD', SLACK_APP_TOKEN: 'xapp-1' }, []],
    [{ SLACK_BOT_TOKEN: 'xoxb-1', RONDA_BOARDS: 'boards.json', SLACK_APP_TOKEN: 'xapp-1' }, []],
    [{ SLACK_APP_TOKEN: 'xapp-1' }, ['SLACK_BOT_TOKEN']],
    [{ SLACK_BOT_TOKEN: 'xapp-1' }, ['SLACK_BOT_TOKEN']],
    [{ RONDA_ID_PATTERN: '[a-z]+', RONDA_ID_EXAMPLE: 'Close' }, ['RONDA_ID_EXAMPLE']],
    [{ RONDA_ID_PATTERN: 'x{40}' }, ['RONDA_ID_EXAMPLE']],
    [{ RONDA_ID_PATTERN: 'x{40}', RONDA_ID_EXAMPLE: 'x'.repeat(40) }, []],
  ])('what goes together is asked for together: %j', (env, names) => {
    expect(problemsOf(env).map((line) => line.split(':')[0])).toEqual(names);
  });

  test('a token is never printed back', () => {
    expect(problemsOf({ SLACK_BOT_TOKEN: 'xoxp-secret', SLACK_CHANNEL: 'C0123ABCD' }).join()).not.toContain(
      'secret',
    );
  });

  const refused = [
    'RONDA_CLOCK_START, RONDA_CLOCK_SPEED: only with an AWS_ENDPOINT_URL_..., never on AWS itself',
  ];
  const start = { RONDA_CLOCK_START: '2026-11-23T23:58:00+07:00' };
  const speed = { RONDA_CLOCK_SPEED: '60' };
  const both = {
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9324',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
  };

  test.each([
    ['a shifted clock on AWS', { RONDA_BACKEND: 'aws', ...start }],
    ['a fast clock on AWS', { RONDA_BACKEND: 'aws', ...speed }],
    [
      'a fast clock with AWS’s DynamoDB',
      { RONDA_BACKEND: 'aws', ...speed, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9324' },
    ],
    [
      'a fast clock with AWS’s SQS',
      { RONDA_BACKEND: 'aws', ...speed, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' },
    ],
  ])('%s is refused', (_what, env) => {
    expect(problemsOf(env)).toEqual(refused);
  });

  test.each([
    ['a fast clock on the embedded engines', speed],
    [
      'a fast clock on engines of one endpoint',
      { RONDA_BACKEND: 'aws', ...speed, AWS_ENDPOINT_URL: 'http://localhost:4566' },
    ],
    ['a shifted clock on engines of two endpoints', { RONDA_BACKEND: 'aws', ...start, ...both }],
    ['real time on AWS', { RONDA_BACKEND: 'aws' }],
    ['real time on AWS, said in so many words', { RONDA_BACKEND: 'aws', RONDA_CLOCK_SPEED: '1' }],
  ])('%s is taken', (_what, env) => {
    expect(problemsOf(env)).toEqual([]);
  });
});
