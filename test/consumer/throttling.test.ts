import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { handleBatch } from '../../src/consumer/batch.ts';
import { utc } from '../../src/events/time.ts';
import { hasEntry } from '../../src/store/projections/history-rows.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { createBackend, startTestConsumer, type TestBackend } from '../support/harness.ts';
import { keptLog } from '../support/log-lines.ts';
import { depth, isEmpty, receive, send } from '../support/queues.ts';
import { throttle } from '../support/throttled.ts';
import { until } from '../support/until.ts';
import { batchContext } from './context.ts';
import { undone } from '../support/undo.ts';

const undo = undone(afterEach);
let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend();
  undo.push(backend.close);
});
const time = utc(createClock().real() - 1_800_000);
const eventId = '11111111-1111-4111-8111-111111111111';

function statusOf(scheduler_id: string): object {
  const job = { service_name: 'billing', job_name: 'close-day' };
  return { type: 'status', scheduler_id, ...job, status: 'running', timestamp: time, event_id: eventId };
}

test.each([
  ['event cannot be appended', { command: 'Put', table: 'events' }],
  ['row cannot be read', { command: 'BatchGet', table: 'schedulers' }],
  ['row cannot be written', { command: 'Put', table: 'schedulers' }],
  ['history entry cannot be written', { command: 'BatchWrite' }],
])('a scheduler whose %s, its key being throttled, is tried again alone', async (_, where) => {
  const { store, sqs, queues } = backend;
  for (const id of ['hot-job', 'calm-job', 'cool-job']) await send(sqs.send, queues.events.url, statusOf(id));
  const messages = await receive(sqs.receive, queues.events.url);
  expect(messages).toHaveLength(3);
  const { log, lines } = keptLog('warn');
  const context = batchContext(backend, { log });
  const isHot = ({ Body = '' }: { Body?: string | undefined }): boolean => Body.includes('hot-job');

  const cool = throttle(store, 'hot-job', where);
  const done = await handleBatch(context, messages);
  expect(done).toEqual(messages.filter((message) => !isHot(message)));
  expect(context.opened).toEqual([]);
  expect(context.outcomes.toSorted()).toEqual(['recorded', 'recorded', 'retried']);
  expect(lines).toMatchObject([{ level: 'warn', msg: 'message not applied: it will be tried again' }]);
  for (const id of ['calm-job', 'cool-job']) {
    expect((await readRow(store, id))?.state?.status?.status).toBe('running');
    expect(await hasEntry(store, id, `${time}#${eventId}`)).toBe(true);
  }
  cool();
  expect(await handleBatch(context, messages.filter(isHot))).toHaveLength(1);
  expect(await hasEntry(store, 'hot-job', `${time}#${eventId}`)).toBe(true);
});

test('while one key is throttled its neighbours flow, and the circuit breaker stays closed', async () => {
  const { store, sqs, queues } = backend;
  const cool = throttle(store, 'hot-job');
  const { log, lines } = keptLog('warn');
  const consumer = startTestConsumer(backend, { log });
  undo.push(consumer.stop);
  const calm = Array.from({ length: 30 }, (_, n) => `calm-${n}`);
  for (const id of ['hot-job', ...calm]) await send(sqs.send, queues.events.url, statusOf(id));
  await until('all neighbours are applied', async () => {
    const rows = await Promise.all(calm.map((id) => readRow(store, id)));
    return rows.every((row) => row?.state?.status?.status === 'running');
  });
  await until('the throttled one has been tried three times', () => consumer.counts().retried >= 3);
  expect(lines.filter(({ msg }) => msg.includes('circuit breaker'))).toEqual([]);
  cool();
  await until('the throttled one is applied', async () => (await readRow(store, 'hot-job')) !== undefined);
  await until('the queue is empty', () => isEmpty(sqs.send, queues.events.url));
  expect(await depth(sqs.send, queues.events.deadLetterUrl)).toEqual({ waiting: 0, inHand: 0 });
});

test('a dead letter that its queue refuses for its size is left to the queue, and stops nobody', async () => {
  const { sqs, queues } = backend;
  const Attributes = { MaximumMessageSize: '1024' };
  await sqs.send.send(new SetQueueAttributesCommand({ QueueUrl: queues.events.deadLetterUrl, Attributes }));
  await send(sqs.send, queues.events.url, `{"type":"restart","padding":"${'x'.repeat(2_000)}"}`);
  await send(sqs.send, queues.events.url, statusOf('calm-job'));
  const messages = await receive(sqs.receive, queues.events.url);
  const { log, lines } = keptLog();
  const context = batchContext(backend, { log });
  const done = await handleBatch(context, messages);
  expect(done.map(({ Body }) => Body)).toEqual([JSON.stringify(statusOf('calm-job'))]);
  expect(context.opened).toEqual([]);
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'message refused, too large to move',
      reason: 'type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect',
    }),
  );
});
