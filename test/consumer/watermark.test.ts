import { expect, test } from '@jest/globals';
import { lagMs, readUpTo, recent, type Receipt } from '../../src/consumer/watermark.ts';
import { utc } from '../../src/events/time.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { createBackend, startTestConsumer } from '../support/harness.ts';
import { send } from '../support/queues.ts';
import { until } from '../support/until.ts';

const now = Date.parse('2026-01-05T17:30:00.000Z');
const early = '2026-01-05T17:29:58.000Z';
const late = '2026-01-05T17:29:59.000Z';

test('without any receive nobody knows how far it has read', () => {
  expect(readUpTo([], now)).toBeNull();
  expect(lagMs([], now)).toBe(0);
});

test('after empty receives alone it is idle', () => {
  expect(readUpTo([receipt(1_000), receipt(21_000)], now)).toBe('idle');
  expect(lagMs([receipt(1_000)], now)).toBe(0);
});

test('it has read up to the least time at which something was sent that it received, whatever the order', () => {
  const receipts = [receipt(3_000, [late]), receipt(2_000, [late, early]), receipt(1_000)];
  expect(readUpTo(receipts, now)).toBe(early);
  expect(readUpTo(receipts.toReversed(), now)).toBe(early);
});

test.each([
  [0, early],
  [29_999, early],
  [30_000, null],
  [30_001, null],
])('what was received %i ms ago reports %s', (ago, reported) => {
  expect(readUpTo([receipt(ago, [early])], now)).toBe(reported);
});

test.each([
  [29_999, 'idle'],
  [30_000, null],
])('an empty receive %i ms ago reports %s', (ago, reported) => {
  expect(readUpTo([receipt(ago)], now)).toBe(reported);
});

test.each([
  [1, early],
  [3, early],
  [4, late],
  [50, late],
])('a message at receive %i of its own leaves it at %s', (receiveCount, reported) => {
  expect(readUpTo([receipt(1_000, [early], receiveCount), receipt(1_000, [late])], now)).toBe(reported);
});

test('messages that failed over and over are no sign of an empty queue', () => {
  expect(readUpTo([receipt(1_000, [early], 4)], now)).toBeNull();
});

test('the lag is the longest wait of a message that is not failing', () => {
  const receipts = [
    waited(1_000, 40, 1),
    waited(1_000, 700, 3),
    waited(1_000, 90_000, 4),
    waited(30_000, 5_000, 1),
  ];
  expect(lagMs(receipts, now)).toBe(700);
});

test('only receives of the last 30 s are kept', () => {
  const kept = receipt(29_999, [early]);
  expect(recent([receipt(30_000, [early]), kept, receipt(60_000)], now)).toEqual([kept]);
});

test.each([
  [[receipt(1_000, [late])], early],
  [[receipt(1_000)], early],
  [[], null],
])('what holds the watermark does so whatever came, if it was known: %j reports %s', (receipts, reported) => {
  expect(readUpTo(receipts, now, early)).toBe(reported);
});

test('a consumer reports when SQS got what it received, whatever the message claims, and a redrive lags behind nothing', async () => {
  const backend = await createBackend();
  const consumer = startTestConsumer(backend, { pollers: 1 });
  try {
    expect(consumer.report()).toEqual({ read_up_to: null, lag_ms: 0, unapplied: new Map() });
    const began = backend.clock.real();
    // Long ago, all of it: a dead letter that is sent again.
    const claimed = utc(began - 3 * 86_400_000);
    const body = { type: 'heartbeat', scheduler_id: 'job-1', timestamp: claimed, accepted_at: claimed };
    await send(backend.sqs.send, backend.queues.events.url, body, { 'ronda-sent-at': claimed });
    const read = await until('it has received it', () => {
      const { read_up_to = null } = consumer.report();
      return read_up_to !== null && read_up_to !== 'idle' && read_up_to;
    });
    expect(Date.parse(read)).toBeGreaterThan(began - 1_000);
    const { lag_ms = 0 } = consumer.report();
    expect(lag_ms).toBeLessThan(60_000);
    const row = await until('it is applied', () => readRow(backend.store, 'job-1'));
    expect(row.state?.heartbeat).toMatchObject({ at: claimed, accepted_at: claimed });
  } finally {
    await consumer.stop();
    backend.close();
  }
});

/** A receive so many ms ago, of messages sent then. */
function receipt(ago: number, sentAt: readonly string[] = [], receiveCount = 1): Receipt {
  return {
    at: now - ago,
    messages: sentAt.map((time) => ({ sentAt: time, waitedMs: 10, receiveCount })),
  };
}

function waited(ago: number, waitedMs: number, receiveCount: number): Receipt {
  return { at: now - ago, messages: [{ sentAt: early, waitedMs, receiveCount }] };
}
