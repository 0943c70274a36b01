import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createCircuitBreaker, type CircuitBreaker } from '../../src/queue/circuit-breaker.ts';
import { keptLog } from '../support/log-lines.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const away = new Error('connect ECONNREFUSED');

test('a closed circuit breaker lets everybody through at once and asks nobody', async () => {
  const { breaker, probes } = breakerOver();
  await breaker.closed();
  expect(probes()).toBe(0);
});

test('an open one closes a second later if the dependency answers then', async () => {
  const { breaker, probes } = breakerOver();
  breaker.open(away);
  const passed = awaiting(breaker);
  await jest.advanceTimersByTimeAsync(999);
  expect([passed(), probes()]).toEqual([false, 0]);
  await jest.advanceTimersByTimeAsync(1);
  expect([passed(), probes()]).toEqual([true, 1]);
});

test('it asks after 1, 2, 4, 8 and 16 s more, then every 30 s, until there is an answer', async () => {
  const { breaker, probes, answer } = breakerOver(false);
  breaker.open(away);
  const passed = awaiting(breaker);
  let asked = 0;
  for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
    await jest.advanceTimersByTimeAsync(seconds * 1_000 - 1);
    expect(probes()).toBe(asked);
    await jest.advanceTimersByTimeAsync(1);
    asked += 1;
    expect(probes()).toBe(asked);
  }
  expect(passed()).toBe(false);
  answer();
  await jest.advanceTimersByTimeAsync(30_000);
  expect(passed()).toBe(true);
});

test('opening it again while it is open changes nothing and is not logged again', async () => {
  const { breaker, probes, lines } = breakerOver();
  for (let n = 0; n < 5; n += 1) breaker.open(away);
  const passed = awaiting(breaker);
  await jest.advanceTimersByTimeAsync(1_000);
  expect([passed(), probes()]).toEqual([true, 1]);
  expect(lines.map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
    'warn: circuit breaker open: a dependency is away, not receiving until it answers',
    'info: circuit breaker closed: dependencies answer again, receiving',
  ]);
});

test('it can be opened again once it has closed', async () => {
  const { breaker, probes } = breakerOver();
  breaker.open(away);
  await jest.advanceTimersByTimeAsync(1_000);
  breaker.open(away);
  const passed = awaiting(breaker);
  await jest.advanceTimersByTimeAsync(999);
  expect(passed()).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect([passed(), probes()]).toEqual([true, 2]);
});

test('who stops waits for no circuit breaker', async () => {
  const { breaker, stop, probes } = breakerOver(false);
  breaker.open(away);
  const passed = awaiting(breaker);
  stop();
  await jest.advanceTimersByTimeAsync(0);
  expect([passed(), probes()]).toEqual([true, 0]);
  breaker.open(away);
  await breaker.closed();
});

function breakerOver(answers = true) {
  const stopping = new AbortController();
  const { log, lines } = keptLog();
  let asked = 0;
  let well = answers;
  const probe = (): Promise<void> => {
    asked += 1;
    return well ? Promise.resolve() : Promise.reject(away);
  };
  return {
    breaker: createCircuitBreaker(probe, log, stopping.signal),
    lines,
    probes: () => asked,
    answer: () => {
      well = true;
    },
    stop: () => {
      stopping.abort();
    },
  };
}

/** Waits until a circuit breaker is closed; tells whether it is. */
function awaiting(breaker: CircuitBreaker): () => boolean {
  let through = false;
  void breaker.closed().then(() => {
    through = true;
  });
  return () => through;
}
