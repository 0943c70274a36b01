import { expect, test } from '@jest/globals';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { createClock } from '../../src/clock.ts';
import { utc } from '../../src/events/time.ts';
import { readStream } from '../../src/store/events/event-store.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import type { CurrentState } from '../../projections/current-state.ts';
import { startIngress, startTestConsumer } from '../support/harness.ts';
import { atTheEnd, openBackend } from '../support/open.ts';
import { isEmpty, send } from '../support/queues.ts';
import { until } from '../support/until.ts';

const backend = await openBackend();
const consumer = startTestConsumer(backend);
atTheEnd(consumer.stop);
const ingress = await startIngress(backend);
atTheEnd(ingress.stop);

const eventId = '11111111-1111-4111-8111-111111111111';
const failureId = '22222222-2222-4222-8222-222222222222';
/** Half an hour ago: nothing is past its retention, and nothing lies ahead. */
const at = createClock().real() - 1_800_000;
const time = utc(at);

test('a status sets the status, the sign of life and the history', async () => {
  await sendEvent({
    type: 'status',
    scheduler_id: 'job-status',
    service_name: 'billing',
    job_name: 'Invoices',
    status: 'completed',
    timestamp: time,
    execution_time_ms: 1250,
    metadata: { rows: 17 },
    run_id: null,
    business_date: null,
    event_id: eventId,
  });
  const state = await stateOf('job-status', ({ status }) => status !== null);
  expect(state.status).toEqual({
    at: time,
    id: eventId,
    status: 'completed',
    service_name: 'billing',
    job_name: 'Invoices',
    execution_time_ms: 1250,
    error_message: null,
    metadata: '{"rows":17}',
    run_id: null,
    business_date: null,
  });
  expect(state.completed).toEqual({ at: time, id: eventId });
  expect(state.heartbeat).toMatchObject({ at: time, id: eventId });
  const history = await ingress.call('GET', '/schedulers/job-status/history');
  expect(history.json).toEqual([
    {
      scheduler_id: 'job-status',
      id: eventId,
      status: 'completed',
      timestamp: time,
      execution_time_ms: 1250,
      error_message: null,
      metadata: { rows: 17 },
      run_id: null,
      business_date: null,
    },
  ]);
});

test('a heartbeat sets the sign of life alone', async () => {
  await sendEvent({ type: 'heartbeat', scheduler_id: 'job-beat', timestamp: time, event_id: eventId });
  const state = await stateOf('job-beat', ({ heartbeat }) => heartbeat !== null);
  expect(state.heartbeat).toMatchObject({ at: time, id: eventId });
  expect(state.status).toBeNull();
});

test('a registration registers, and a removal after it removes', async () => {
  await sendEvent({
    type: 'register',
    scheduler_id: 'job-kept',
    service_name: 'billing',
    job_name: 'Invoices',
    owner_email: 'owner@example.com',
    timestamp: time,
  });
  await until('it is registered', async () => {
    const { json } = await ingress.call('GET', '/schedulers/job-kept');
    expect(json).toMatchObject({ registered: true, owner_email: 'owner@example.com', created_at: time });
    return true;
  });
  await sendEvent({ type: 'remove', scheduler_id: 'job-kept', timestamp: utc(at + 1) });
  await until('it is removed', async () => {
    const { status } = await ingress.call('GET', '/schedulers/job-kept');
    return status === 404;
  });
});

test('an acknowledgement and a snooze are kept with who said so', async () => {
  await sendEvent({
    type: 'status',
    scheduler_id: 'job-failed',
    service_name: 'billing',
    job_name: 'Invoices',
    status: 'failed',
    error_message: 'disk full',
    timestamp: time,
    event_id: failureId,
  });
  await sendEvent({
    type: 'acknowledge',
    scheduler_id: 'job-failed',
    failure_event_id: failureId,
    by: 'rina',
    timestamp: time,
    event_id: eventId,
  });
  await sendEvent({
    type: 'snooze',
    scheduler_id: 'job-failed',
    until: '2099-01-01T07:00:00+07:00',
    by: 'rina',
    timestamp: time,
    event_id: eventId.replaceAll('1', '3'),
  });
  await until('both are shown', async () => {
    const { json } = await ingress.call('GET', '/schedulers/job-failed');
    expect(json).toMatchObject({ acknowledged_by: 'rina', snoozed_until: '2099-01-01T00:00:00.000Z' });
    return true;
  });
});

test.each(['status', 'heartbeat'])('a %s of a scheduler that nobody registered is kept', async (type) => {
  const id = `stranger-${type}`;
  const status = { service_name: 'billing', job_name: 'Invoices', status: 'running' };
  await sendEvent({ type, scheduler_id: id, timestamp: time, ...(type === 'status' ? status : {}) });
  await until('it is shown as not registered', async () => {
    const { json } = await ingress.call('GET', `/schedulers/${id}`);
    expect(json).toMatchObject({ scheduler_id: id, registered: false, last_heartbeat: time });
    return true;
  });
});

test('in an SNS notification, its message id and time are the defaults', async () => {
  await sendEvent({
    Type: 'Notification',
    MessageId: eventId,
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:jobs',
    Message: JSON.stringify({ type: 'heartbeat', scheduler_id: 'sns-job' }),
    Timestamp: time,
  });
  const state = await stateOf('sns-job', ({ heartbeat }) => heartbeat !== null);
  expect(state.heartbeat).toMatchObject({ at: time, id: eventId });
});

test('in an EventBridge event, its id and time are the defaults', async () => {
  await sendEvent({
    version: '0',
    id: eventId,
    'detail-type': 'Job beat',
    source: 'billing',
    time: `${time.slice(0, 19)}Z`,
    detail: { type: 'heartbeat', scheduler_id: 'bridge-job' },
  });
  const state = await stateOf('bridge-job', ({ heartbeat }) => heartbeat !== null);
  expect(state.heartbeat).toMatchObject({ at: `${time.slice(0, 19)}.000Z`, id: eventId });
});

test('in a CloudEvent, its source with its id and its time are the defaults', async () => {
  await sendEvent({
    specversion: '1.0',
    id: '4711',
    source: '/billing/cron',
    type: 'com.example.beat',
    time,
    data: { type: 'heartbeat', scheduler_id: 'cloud-job' },
  });
  const state = await stateOf('cloud-job', ({ heartbeat }) => heartbeat !== null);
  // UUIDv5 of the scheduler and "/billing/cron 4711".
  expect(state.heartbeat).toMatchObject({ at: time, id: '8d0e43b2-79e5-58ae-97a5-a553dd94e362' });
});

test('a report without time and id has those of its message', async () => {
  const messageId = await sendEvent({ type: 'heartbeat', scheduler_id: 'bare-job' });
  const state = await stateOf('bare-job', ({ heartbeat }) => heartbeat !== null);
  expect(state.heartbeat?.id).toBe(messageId);
  expect(Date.parse(state.heartbeat?.at ?? '')).toBeGreaterThan(at);
});

test('a copy of a message, as out of a dead-letter queue, is the event of its original', async () => {
  await sendEvent(
    { type: 'heartbeat', scheduler_id: 'copied-job' },
    { 'ronda-message-id': eventId, 'ronda-sent-at': time },
  );
  const state = await stateOf('copied-job', ({ heartbeat }) => heartbeat !== null);
  expect(state.heartbeat).toMatchObject({ at: time, id: eventId });
});

test('the correlation id of a message is kept with its event', async () => {
  const report = { type: 'heartbeat', scheduler_id: 'traced-job', timestamp: time };
  await sendEvent(report, { 'x-correlation-id': 'night-7' });
  await stateOf('traced-job', ({ heartbeat }) => heartbeat !== null);
  const correlationIds: unknown[] = [];
  for await (const { envelope } of readStream(backend.store, 'traced-job')) {
    correlationIds.push(envelope.correlation_id);
  }
  expect(correlationIds).toEqual(['night-7']);
});

test('messages that were applied are gone, and none is in the dead-letter queue', async () => {
  const { events } = backend.queues;
  await until('the queue is empty', () => isEmpty(backend.sqs.send, events.url));
  const { Messages } = await backend.sqs.receive.send(
    new ReceiveMessageCommand({ QueueUrl: events.deadLetterUrl }),
  );
  expect(Messages).toBeUndefined();
  expect(consumer.counts()['dead-lettered']).toBe(0);
});

function sendEvent(body: unknown, attributes: Readonly<Record<string, string>> = {}): Promise<string> {
  return send(backend.sqs.send, backend.queues.events.url, body, attributes);
}

function stateOf(id: string, shows: (state: CurrentState) => boolean): Promise<CurrentState> {
  return until(`the state of ${id} shows it`, async () => {
    const state = (await readRow(backend.store, id))?.state;
    return state !== undefined && shows(state) ? state : undefined;
  });
}
