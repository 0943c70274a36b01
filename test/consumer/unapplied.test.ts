import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { createUnapplied } from '../../src/consumer/unapplied.ts';
import { utc } from '../../src/events/time.ts';
import { beat, livingRoles } from '../../src/store/roles.ts';
import { tableOf } from '../../src/store/store.ts';
import { heartbeat, idOf } from '../support/events.ts';
import { createBackend, startTestConsumer } from '../support/harness.ts';
import { send } from '../support/queues.ts';
import { until } from '../support/until.ts';

const sent = (second: number): string => utc(Date.parse('2099-11-23T17:30:00.000Z') + second * 1_000);

function tracked() {
  let now = 0;
  const { report, failed, settled } = createUnapplied({ monotonic: () => now });
  const event = (n: number, id = 'payroll') => heartbeat({ scheduler_id: id, event_id: idOf(n) });
  return {
    report: () => {
      const { named, rest } = report();
      return { named: Object.fromEntries(named), rest };
    },
    failed: (n: number, at: string, id?: string) => {
      failed(event(n, id), at);
    },
    settled: (n: number, id?: string) => {
      settled(event(n, id));
    },
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test('a scheduler is named with the least time of its events that wait', () => {
  const { report, failed, settled } = tracked();
  expect(report()).toEqual({ named: {}, rest: undefined });
  failed(1, sent(5));
  failed(2, sent(3));
  failed(3, sent(4), 'tax');
  expect(report()).toEqual({ named: { payroll: sent(3), tax: sent(4) }, rest: undefined });
  settled(2);
  expect(report().named).toEqual({ payroll: sent(5), tax: sent(4) });
  settled(1);
  settled(3, 'tax');
  expect(report().named).toEqual({});
});

test('an event is forgotten when it was not seen for longer than any message waits, to the millisecond', () => {
  const { report, failed, wait } = tracked();
  failed(1, sent(1));
  wait(200_000);
  failed(1, sent(1));
  wait(360_000);
  expect(report().named).toEqual({ payroll: sent(1) });
  wait(1);
  expect(report().named).toEqual({});
});

test('fifty schedulers are named, those that wait longest; the others hold the watermark', () => {
  const { report, failed } = tracked();
  for (let n = 60; n > 0; n -= 1) failed(n, sent(n), `job-${n}`);
  const { named, rest } = report();
  expect(Object.keys(named)).toEqual(Array.from({ length: 50 }, (_, n) => `job-${n + 1}`));
  expect(rest).toBe(sent(51));
});

test('a role says so, whatever the scheduler is called', async () => {
  const backend = await createBackend();
  const unapplied = new Map([['__proto__', sent(1)]]);
  await beat(backend.store, { role: 'consumer', instance: 'a', since: 0, unapplied });
  expect(await livingRoles(backend.store)).toMatchObject([{ unapplied }]);
  backend.close();
});

test('a consumer names the scheduler of a message that it cannot apply, until it is applied', async () => {
  const backend = await createBackend();
  const { store, sqs, queues } = backend;
  const newer = { scheduler_id: 'newer-job', version: 99, rev: 7, shape: 'of the future' };
  const TableName = tableOf(store, 'schedulers');
  await store.client.send(new PutCommand({ TableName, Item: newer }));
  const consumer = startTestConsumer(backend, { pollers: 1 });
  try {
    const began = backend.clock.real();
    await send(sqs.send, queues.events.url, { type: 'heartbeat', scheduler_id: 'newer-job' });
    await send(sqs.send, queues.events.url, { type: 'heartbeat', scheduler_id: 'good-job' });
    const since = await until('it is named', () => consumer.report().unapplied?.get('newer-job'));
    expect(Date.parse(since)).toBeGreaterThan(began - 1_000);
    await until('the other one is applied', () => consumer.counts().recorded === 1);
    expect([...(consumer.report().unapplied?.keys() ?? [])]).toEqual(['newer-job']);
    await store.client.send(new DeleteCommand({ TableName, Key: { scheduler_id: 'newer-job' } }));
    await until('it is named no more', () => consumer.report().unapplied?.size === 0);
    expect(consumer.counts().recorded).toBe(2);
  } finally {
    await consumer.stop();
    backend.close();
  }
});
