import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { utc } from '../../../src/events/time.ts';
import { readStream } from '../../../src/store/events/event-store.ts';
import { readRow } from '../../../src/store/projections/scheduler-rows.ts';
import { startTestConsumer, type TestBackend } from '../../support/harness.ts';
import { attributesOf, depth, isEmpty, receive, send } from '../../support/queues.ts';
import { until } from '../../support/until.ts';
import { testCli } from '../test-cli.ts';
import { bury, dlq, openBackends } from './dead-letters.ts';

const { backendOf, after } = openBackends();

function consumerOn(backend: TestBackend): void {
  after(startTestConsumer(backend).stop);
}

async function streamOf({ store }: TestBackend, id: string) {
  const events = [];
  for await (const { event } of readStream(store, id)) events.push(event);
  return events;
}

const summary = { dry_run: false, redriven: 0, skipped: 0, failed: 0, arrived: 0, missing: [] };
const sentAt = utc(createClock().real() - 3 * 86_400_000);

test('a letter goes back with its first id and time, its correlation id and its body to the byte, and no reason', async () => {
  const backend = await backendOf();
  const body = ' {"type":"heartbeat",\n"scheduler_id":"a"}\n';
  await bury(backend, body, { id: 'first-copy', sentAt, reason: 'why', correlationId: 'night-7' });
  const ran = await dlq(backend, ['redrive']);
  expect(ran).toEqual({ code: 0, out: '1 message redriven, 0 skipped, 0 failed.\n', err: '' });
  const [live] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(live?.Body).toBe(body);
  expect(live === undefined ? {} : attributesOf(live)).toEqual({
    'ronda-message-id': 'first-copy',
    'ronda-sent-at': sentAt,
    'x-correlation-id': 'night-7',
  });
  expect(await isEmpty(backend.sqs.send, backend.queues.events.deadLetterUrl)).toBe(true);
});

test('a letter that SQS moved by itself goes back under its own id and time', async () => {
  const backend = await backendOf();
  const { url, deadLetterUrl } = backend.queues.events;
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:000000000000:${deadLetterUrl.split('/').at(-1) ?? ''}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await backend.sqs.send.send(
    new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }),
  );
  const began = backend.clock.real();
  const id = await send(backend.sqs.send, url, '{}', { 'x-correlation-id': 'night-7', region: 'jakarta' });
  await receive(backend.sqs.receive, url, 0);
  await until('SQS has moved it', async () => {
    await receive(backend.sqs.receive, url, 0);
    return !(await isEmpty(backend.sqs.send, deadLetterUrl));
  });
  expect(await dlq(backend, ['redrive'])).toMatchObject({ code: 0 });
  const [live] = await receive(backend.sqs.receive, url);
  const attributes = live === undefined ? {} : attributesOf(live);
  const sent = { 'x-correlation-id': 'night-7', region: 'jakarta' };
  expect(attributes).toMatchObject({ 'ronda-message-id': id, ...sent });
  expect(attributes).not.toHaveProperty('ronda-reason');
  const stamped = Date.parse(attributes['ronda-sent-at'] ?? '');
  expect(stamped).toBeGreaterThanOrEqual(began - 1_000);
  expect(stamped).toBeLessThan(began + 2_000);
});

test('a report without a time of its own happened when it was first sent, not when it was redriven', async () => {
  const backend = await backendOf();
  consumerOn(backend);
  const at = utc(backend.clock.real() - 3_600_000);
  await bury(backend, { type: 'heartbeat', scheduler_id: 'payroll' }, { id: 'm', sentAt: at, reason: 'r' });
  await dlq(backend, ['redrive']);
  const row = await until('it is applied', () => readRow(backend.store, 'payroll'));
  expect(row.state?.heartbeat?.at).toBe(at);
});

test('redriving what was applied already changes nothing', async () => {
  const backend = await backendOf();
  const { sqs, queues, store } = backend;
  consumerOn(backend);
  const body = { type: 'heartbeat', scheduler_id: 'payroll' };
  const at = utc(backend.clock.real() - 60_000);
  const first = { 'ronda-message-id': 'first-copy', 'ronda-sent-at': at };
  await send(sqs.send, queues.events.url, body, first);
  const before = await until('it is applied', () => readRow(store, 'payroll'));
  await bury(backend, body, { id: 'first-copy', sentAt: at, reason: 'r' });
  const ran = await dlq(backend, ['redrive', '--json']);
  expect(JSON.parse(ran.out)).toEqual({ ...summary, redriven: 1 });
  await until('it was read again', () => isEmpty(sqs.send, queues.events.url));
  expect(await readRow(store, 'payroll')).toEqual(before);
  expect(await streamOf(backend, 'payroll')).toHaveLength(1);
  expect(await isEmpty(sqs.send, queues.events.deadLetterUrl)).toBe(true);
});

test('what is still bad comes back with its reason under its old id, and the redrive ends all the same', async () => {
  const backend = await backendOf();
  const { sqs, queues } = backend;
  const { deadLetterUrl, url } = queues.events;
  for (let n = 0; n < 15; n += 1) await bury(backend, `{"n":${n}}`, { id: `m-${n}`, sentAt, reason: 'old' });
  const lately = utc(backend.clock.real() - 60_000);
  const good = { type: 'heartbeat', scheduler_id: 'payroll' };
  await bury(backend, good, { id: 'good', sentAt: lately, reason: 'old' });
  consumerOn(backend);
  const ran = await dlq(backend, ['redrive', '--json']);
  expect(JSON.parse(ran.out)).toMatchObject({ redriven: 16, skipped: 0, failed: 0 });
  expect(ran.code).toBe(0);
  await until(
    'all bad ones are back',
    async () => (await depth(sqs.send, deadLetterUrl)).waiting === 15 && (await isEmpty(sqs.send, url)),
  );
  const listed = await dlq(backend, ['list', '--json']);
  const lines = listed.out.trim().split('\n');
  expect(lines).toHaveLength(15);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({
      id: expect.stringMatching(/^m-\d+$/),
      sent_at: sentAt,
      reason: 'type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect',
    });
  }
  expect(await streamOf(backend, 'payroll')).toHaveLength(1);
});

test.each([
  [['--filter', 'Berlin'], ['m-1']],
  [['--filter', 'timestamp: bad'], ['m-2']],
  [['--filter', '/^status: .* running$/'], ['m-3']],
  [['--filter', '/BERLIN/i'], ['m-1']],
  [
    ['--id', 'm-1', '--id', 'm-3'],
    ['m-1', 'm-3'],
  ],
  [['--id', 'm-1', '--filter', 'status'], []],
])('%j takes only those that it names, by body or reason', async (argv, ids) => {
  const backend = await backendOf();
  await bury(backend, '{"city":"Berlin"}', { id: 'm-1', reason: 'none' });
  await bury(backend, '{}', { id: 'm-2', reason: 'timestamp: bad' });
  await bury(backend, '{}', { id: 'm-3', reason: 'status: must be one of pending, running' });
  await dlq(backend, ['redrive', ...argv]);
  const live = ids.length === 0 ? [] : await receive(backend.sqs.receive, backend.queues.events.url);
  expect(live.map((message) => attributesOf(message)['ronda-message-id']).toSorted()).toEqual(ids);
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 3 - ids.length,
    inHand: 0,
  });
});

test('an id that is not there is said to be missing, with exit code 1', async () => {
  const backend = await backendOf();
  const { code, err, out } = await dlq(backend, ['redrive', '--id', 'gone', '--json']);
  expect({ code, err }).toEqual({ code: 1, err: 'gone: no such message was found.\n' });
  expect(JSON.parse(out)).toEqual({ ...summary, missing: ['gone'] });
});

test('no more than the limit go, and the rest stays free', async () => {
  const backend = await backendOf();
  const { sqs, queues } = backend;
  for (let n = 0; n < 14; n += 1) await bury(backend, '{}', { id: `m-${n}` });
  const { out } = await dlq(backend, ['redrive', '--limit', '12']);
  expect(out).toBe('12 messages redriven, 0 skipped, 0 failed.\n');
  expect(await depth(sqs.send, queues.events.url)).toEqual({ waiting: 12, inHand: 0 });
  expect(await depth(sqs.send, queues.events.deadLetterUrl)).toEqual({ waiting: 2, inHand: 0 });
});

test('a dry run shows which would go, and sends none', async () => {
  const backend = await backendOf();
  const { sqs, queues } = backend;
  await bury(backend, '{"a":1}', { id: 'm-1', reason: 'r' });
  await bury(backend, '{"b":2}', { id: 'm-2', reason: 'r' });
  const { code, out } = await dlq(backend, ['redrive', '--dry-run', '--filter', '"a"']);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^m-1 {2}(?:under 1|\d) s old, received once here\n {2}reason {2}r\n {2}body {4}{"a":1}\n/,
  );
  expect(out).toContain('1 message would be redriven, 1 skipped, 0 failed.\n');
  expect(await isEmpty(sqs.send, queues.events.url)).toBe(true);
  expect(await depth(sqs.send, queues.events.deadLetterUrl)).toEqual({ waiting: 2, inHand: 0 });
});

test('notices go back to their own queue', async () => {
  const backend = await backendOf();
  await bury(backend, { night: 'eod/2026-11-23', message_key: 'alert/a/b' }, { queue: 'notices', id: 'n-1' });
  expect(await dlq(backend, ['redrive', 'notices'])).toMatchObject({ code: 0 });
  const [live] = await receive(backend.sqs.receive, backend.queues.notices.url);
  expect(live?.Body).toBe('{"night":"eod/2026-11-23","message_key":"alert/a/b"}');
  expect(await isEmpty(backend.sqs.send, backend.queues.events.url)).toBe(true);
});

test('asked to stop, it sends nothing further, gives back what it has, and says so', async () => {
  const backend = await backendOf();
  await bury(backend, '{}');
  const cli = testCli(backend);
  cli.stop();
  const ran = await dlq(backend, ['redrive'], { cli });
  expect(ran).toMatchObject({ code: 130, err: 'Stopped after 0 messages.\n' });
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 1,
    inHand: 0,
  });
});

test('on a terminal it says how far it is', async () => {
  const backend = await backendOf();
  await bury(backend, '{}');
  const ran = await dlq(backend, ['redrive'], { cli: testCli(backend, { isTTY: true }) });
  expect(ran.err).toContain('redriven [########################] 1 of 1, ');
});
