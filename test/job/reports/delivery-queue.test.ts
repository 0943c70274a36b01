import { expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import type { Later } from '../../../src/job/reports/delivery.ts';
import { createDeliveryQueue, type Try } from '../../../src/job/reports/delivery-queue.ts';
import { until } from '../../support/until.ts';

const sent: Try = () => Promise.resolve({ outcome: 'sent' });
const later = (fault: Later['fault'], waitMs?: number): Later => ({
  outcome: 'later',
  fault,
  reason: 'is away',
  waitMs,
});
const never = new AbortController().signal;

function queueAndLog() {
  const log: string[] = [];
  const queue = createDeliveryQueue<string>({
    onSent: (item) => log.push(`sent ${item}`),
    onRefused: (item, reason) => log.push(`refused ${item}: ${reason}`),
    onFailure: ({ fault }) => log.push(`failed ${fault}`),
  });
  return { queue, log };
}

/** Fails a few times first. */
function failing(times: number, verdict: Later): Try & { readonly tries: () => number } {
  let tries = 0;
  const attempt = (): ReturnType<Try> => {
    tries += 1;
    return Promise.resolve(tries <= times ? verdict : { outcome: 'sent' });
  };
  return Object.assign(attempt, { tries: () => tries });
}

test('reports keep their order while the first is tried again and again', async () => {
  const { queue, log } = queueAndLog();
  queue.add('running', failing(2, later('away', 1)));
  queue.add('completed', sent);
  expect(await queue.close(10_000, never)).toEqual([]);
  expect(log).toEqual(['failed away', 'failed away', 'sent running', 'sent completed']);
});

test('a report that is refused is reported as such and holds up nothing', async () => {
  const { queue, log } = queueAndLog();
  queue.add('running', () => Promise.resolve({ outcome: 'refused', reason: 'answers 400' }));
  queue.add('completed', sent);
  expect(await queue.close(10_000, never)).toEqual([]);
  expect(log).toEqual(['refused running: answers 400', 'sent completed']);
});

test('the end of the job cuts a long pause short, and tries at once', async () => {
  const { queue, log } = queueAndLog();
  queue.add('running', failing(1, later('away', 3_600_000)));
  await until('the first try has failed', () => log.length === 1);
  queue.add('completed', sent);
  expect(await queue.close(10_000, never)).toEqual([]);
  expect(log).toEqual(['failed away', 'sent running', 'sent completed']);
});

test('what cannot be sent within the longest wait is given back in order, even if a try hangs', async () => {
  const { queue } = queueAndLog();
  const clock = createClock();
  const hanging: Try = (signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(later('away'));
      });
    });
  queue.add('running', hanging);
  queue.add('failed', sent);
  const began = clock.monotonic();
  expect(await queue.close(200, never)).toEqual(['running', 'failed']);
  expect(clock.monotonic() - began).toBeGreaterThanOrEqual(199);
});

test('a key that is refused is not waited for after the end: one more try, and no wait', async () => {
  const { queue } = queueAndLog();
  const attempt = failing(Infinity, later('key'));
  queue.add('running', attempt);
  queue.add('completed', attempt);
  expect(await queue.close(3_600_000, never)).toEqual(['running', 'completed']);
  expect(attempt.tries()).toBeLessThanOrEqual(3);
});

test('a signal ends the wait', async () => {
  const { queue } = queueAndLog();
  const stop = new AbortController();
  queue.add('completed', failing(Infinity, later('away', 10)));
  const closed = queue.close(3_600_000, stop.signal);
  stop.abort();
  expect(await closed).toEqual(['completed']);
});

test('what is to be tried once is, only when nothing waits, and is never given back', async () => {
  const { queue, log } = queueAndLog();
  const missed = failing(0, later('away'));
  const seen = failing(Infinity, later('away'));
  queue.add('running', failing(1, later('away', 1)));
  queue.tryOnce(missed);
  await until('the report is sent', () => log.includes('sent running'));
  await until('a glance goes', () => {
    if (seen.tries() === 0) queue.tryOnce(seen);
    return seen.tries() === 1;
  });
  expect(await queue.close(10_000, never)).toEqual([]);
  expect(missed.tries()).toBe(0);
  expect(seen.tries()).toBe(1);
});

test('a single try under way does not hold up the end', async () => {
  const { queue, log } = queueAndLog();
  let isUnderWay = false;
  queue.tryOnce(
    (signal) =>
      new Promise((resolve) => {
        isUnderWay = true;
        signal.addEventListener('abort', () => {
          resolve(later('away'));
        });
      }),
  );
  await until('it is under way', () => isUnderWay);
  queue.add('completed', sent);
  expect(await queue.close(3_600_000, never)).toEqual([]);
  expect(log).toEqual(['sent completed']);
});

test.each([0, 1, undefined])(
  'a server that asks to be asked again in %p ms gets no more than our own pace',
  async (waitMs) => {
    const { queue } = queueAndLog();
    const attempt = failing(Infinity, later('away', waitMs));
    queue.add('completed', attempt);
    expect(await queue.close(2_000, never)).toEqual(['completed']);
    // After 0, 0.5 and 1.5 s, and one when it was closed.
    expect(attempt.tries()).toBeLessThanOrEqual(4);
  },
);
