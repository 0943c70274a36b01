import { expect, test } from '@jest/globals';
import { receive } from '../../support/queues.ts';
import { utc } from '../../../src/events/time.ts';
import { examplesIn, testCli } from '../test-cli.ts';
import { bury, dlq, openBackends } from './dead-letters.ts';

const { backendOf } = openBackends();

const json = (out: string): unknown[] =>
  out
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

test('an empty dead-letter queue is said to be so, with exit code 0', async () => {
  const backend = await backendOf();
  expect(await dlq(backend, ['list'])).toEqual({
    code: 0,
    out: 'No dead letter of events to be seen.\n',
    err: '',
  });
});

test('a dead letter is shown with id, age, reason and how its body begins, and makes the exit code 1', async () => {
  const backend = await backendOf();
  const sentAt = utc(backend.clock.real() - 7_500_000);
  const body = `{"type":"status","pad":"${'x'.repeat(200)}"}`;
  await bury(backend, body, { id: 'first-copy', sentAt, reason: 'status: is required' });
  const { code, out } = await dlq(backend, ['list']);
  expect(code).toBe(1);
  expect(out.split('\n')).toEqual([
    'first-copy  2 h 05 min old, received once here',
    '  reason  status: is required',
    `  body    {"type":"status","pad":"${'x'.repeat(45)}…`,
    'About 1 message of events.',
    '',
  ]);
});

test('a body is shown whole, line by line, when asked', async () => {
  const backend = await backendOf();
  await bury(backend, `{\n"pad":"${'x'.repeat(100)}"\n}`, { id: 'a', reason: 'r' });
  const { out } = await dlq(backend, ['list', '--full']);
  expect(out).toContain(`  body    {\n          "pad":"${'x'.repeat(100)}"\n          }\n`);
});

test('nothing in a message can act on the terminal', async () => {
  const backend = await backendOf();
  await bury(backend, 'no\rJSON\u202e at all', { id: 'a', reason: 'r' });
  expect((await dlq(backend, ['list'])).out).toContain('  body    no\\u{d}JSON\\u{202e} at all\n');
});

test('of a letter that SQS moved by itself it is said that nobody gave a reason', async () => {
  const backend = await backendOf();
  const id = await bury(backend, '{}');
  const { out } = await dlq(backend, ['list']);
  expect(out).toMatch(new RegExp(`^${id}  \\d s old`));
  expect(out).toContain(
    'reason  none given: SQS itself moves what was received 100 times in vain, and says nothing',
  );
  const notice = await backendOf();
  await bury(notice, '{}', { queue: 'notices' });
  expect((await dlq(notice, ['list', 'notices'])).out).toContain('what was received 1000 times in vain');
});

test('as JSON each letter is one line with its whole body, and nothing else is on standard output', async () => {
  const backend = await backendOf();
  const sentAt = utc(backend.clock.real() - 3 * 86_400_000);
  const body = `{"pad":"${'x'.repeat(300)}"}`;
  await bury(backend, body, { id: 'a', sentAt, reason: 'why', correlationId: 'night-7' });
  const { code, out, err } = await dlq(backend, ['list', '--json']);
  expect(code).toBe(1);
  expect(json(out)).toEqual([
    {
      id: 'a',
      reason: 'why',
      sent_at: sentAt,
      dead_lettered_at: expect.stringMatching(/^\d{4}-.*Z$/),
      receive_count: 1,
      correlation_id: 'night-7',
      body,
    },
  ]);
  expect(err).toBe('About 1 message of events.\n');
});

test('more letters than one receive brings are listed once each, and all are free again afterwards', async () => {
  const backend = await backendOf();
  for (let n = 0; n < 25; n += 1) await bury(backend, `{"n":${n}}`, { id: `m-${n}`, reason: 'r' });
  const { out } = await dlq(backend, ['list', '--json']);
  const ids = json(out).map((line) =>
    typeof line === 'object' && line !== null && 'id' in line ? line.id : '',
  );
  expect(ids.toSorted()).toEqual(Array.from({ length: 25 }, (_, n) => `m-${n}`).toSorted());
  const free = new Set<string | undefined>();
  for (let n = 0; n < 3; n += 1)
    for (const { MessageId } of await receive(backend.sqs.receive, backend.queues.events.deadLetterUrl))
      free.add(MessageId);
  expect(free.size).toBe(25);
});

test('no more than the limit are shown, and how many there are is said', async () => {
  const backend = await backendOf();
  for (let n = 0; n < 4; n += 1) await bury(backend, '{}', { id: `m-${n}`, reason: 'r' });
  const { out } = await dlq(backend, ['list', '--limit', '3']);
  expect(out.match(/^m-\d/gm)).toHaveLength(3);
  expect(out).toContain('About 4 messages of events (3 shown).\n');
});

test('letters that somebody else has in hand make the exit code 1 too', async () => {
  const backend = await backendOf();
  await bury(backend, '{}');
  await receive(backend.sqs.receive, backend.queues.events.deadLetterUrl);
  expect(await dlq(backend, ['list'])).toMatchObject({
    code: 1,
    out: "No dead letter of events to be seen. About 1 more are in somebody's hands now.\n",
  });
});

test.each([
  [
    ['list', 'letters', '--limit', '0'],
    ['QUEUE: must be events or notices', '--limit: must be a whole number from 1'],
  ],
  [
    ['redrive', '--filter', '/(/', '--limit', 'x', '--edit', '--dry-run'],
    ['--filter: Invalid regular expression', '--limit: ', '--edit, --dry-run: only one of them'],
  ],
])('%j is bad usage, and all that is bad is named', async (argv, problems) => {
  const backend = await backendOf();
  const { code, out, err } = await dlq(backend, argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const problem of problems) expect(err).toContain(problem);
});

test.each(['', 'list', 'redrive', 'discard'])(
  'the help of dlq %s fits a screen, and its examples run',
  async (name) => {
    const backend = await backendOf();
    const { code, out } = await dlq(backend, [...(name === '' ? [] : [name]), '--help']);
    expect(code).toBe(0);
    for (const [command, ...argv] of examplesIn(out)) {
      expect(command).toBe('dlq');
      const ran = await dlq(backend, argv, { cli: testCli(backend) });
      expect(ran).toMatchObject({ code: 0 });
    }
  },
);
