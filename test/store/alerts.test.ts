import { describe, expect, test } from '@jest/globals';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createClock } from '../../src/clock.ts';
import { alertKey, createAlert } from '../../src/store/alerts/alert-rows.ts';
import { tableOf } from '../../src/store/store.ts';
import { at, idOf, status } from '../support/events.ts';
import { createStore, morning, newId, rawRow } from './fixtures.ts';

const store = await createStore();

const failure = (scheduler_id: string) =>
  status({ scheduler_id, status: 'failed', error_message: 'disk full', occurred_at: at('17:30:00.001') });

describe('an alert', () => {
  test('is keyed by its night and by the failure that it is about', () => {
    expect(alertKey(failure('payroll'), 'eod/2099-11-24')).toEqual({
      night: 'eod/2099-11-24',
      alert_key: 'alert/payroll/2099-11-23T17:30:00.001Z#00000000-0000-4000-8000-000000000001',
    });
  });

  test('is created with what is needed to find its failure, and 30 days to live', async () => {
    const id = newId();
    const key = alertKey(failure(id), 'eod/2099-11-24');
    await createAlert(store, failure(id), key, '2099-11-23T17:31:00.001Z');
    expect(await rawRow(store, 'alerts', key)).toEqual({
      night: 'eod/2099-11-24',
      alert_key: `alert/${id}/2099-11-23T17:30:00.001Z#${idOf(1)}`,
      kind: 'failure',
      state: 'new',
      rev: 1,
      scheduler_id: id,
      occurred_at: '2099-11-23T17:30:00.001Z',
      event_id: idOf(1),
      created_at: '2099-11-23T17:31:00.001Z',
      expires_at: Date.parse('2099-12-23T17:31:01Z') / 1_000,
    });
  });

  test('that was judged stays as it is when it is created again', async () => {
    const id = newId();
    const key = alertKey(failure(id), 'eod/2099-11-24');
    await createAlert(store, failure(id), key, '2099-11-23T17:31:00.000Z');
    await store.client.send(
      new UpdateCommand({
        TableName: tableOf(store, 'alerts'),
        Key: key,
        UpdateExpression: 'SET sender = :ts',
        ExpressionAttributeValues: { ':ts': 'svc' },
      }),
    );
    await createAlert(store, failure(id), key, '2099-11-24T05:00:00.000Z');
    expect(await rawRow(store, 'alerts', key)).toMatchObject({
      sender: 'svc',
      created_at: '2099-11-23T17:31:00.000Z',
    });
  });

  test('created by several at once is one: all succeed, the first one’s row stands', async () => {
    const id = newId();
    const key = alertKey(failure(id), 'eod/2099-11-24');
    const times = [1, 2, 3, 4].map((n) => `2099-11-23T17:31:00.00${n}Z`);
    await Promise.all(times.map((time) => createAlert(store, failure(id), key, time)));
    const row = await rawRow(store, 'alerts', key);
    await createAlert(store, failure(id), key, '2099-11-23T18:00:00.000Z');
    expect(times).toContain(row?.['created_at']);
    expect(await rawRow(store, 'alerts', key)).toEqual(row);
  });

  test('has no end while the clock is not real', async () => {
    const id = newId();
    const key = alertKey(failure(id), 'eod/2099-11-24');
    const clock = createClock({ start: morning, speed: 60 }, () => morning);
    await createAlert({ ...store, clock }, failure(id), key, '2099-11-23T17:31:00.000Z');
    const row = await rawRow(store, 'alerts', key);
    expect(row).toMatchObject({ kind: 'failure' });
    expect(row).not.toHaveProperty('expires_at');
  });
});
