import { expect, test } from '@jest/globals';
import { createRecentIds } from '../../src/ingress/recent-ids.ts';
import { at, heartbeat, idOf, status } from '../support/events.ts';

test('an event may come again, and nothing else under its scheduler, time and id', () => {
  const { claim } = createRecentIds();
  expect(claim(status())).toBe(true);
  expect(claim(status())).toBe(true);
  expect(claim(status({ status: 'failed' }))).toBe(false);
  expect(claim(heartbeat())).toBe(false);
  expect(claim(status())).toBe(true);
});

test.each([
  ['scheduler', { scheduler_id: 'ledger' }],
  ['time', { occurred_at: at('17:30:00.001') }],
  ['id', { event_id: idOf(2) }],
])('another %s is another event', (_, fields) => {
  const { claim } = createRecentIds();
  claim(status());
  expect(claim(status({ status: 'failed', ...fields }))).toBe(true);
});

test('what was released, or pushed out by so many others, is not known any more', () => {
  const { claim, release } = createRecentIds(2);
  claim(status());
  release(status());
  expect(claim(heartbeat())).toBe(true);
  for (const n of [2, 3]) claim(status({ event_id: idOf(n) }));
  expect(claim(status())).toBe(true);
});
