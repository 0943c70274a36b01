import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createGate, type Gate } from '../../src/queue/gate.ts';
import { keptLog } from '../support/log-lines.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const away = new Error('connect ECONNREFUSED');

test('an open gate lets everybody through at once and asks nobody', async () => {
  const { gate, probes } = gateOver();
  await gate.passable();
  expect(probes()).toBe(0);
});

test('a closed gate opens a second later if the dependency answers then', async () => {
  const { gate, probes } = gateOver();
  gate.close(away);
  const passed = passage(gate);
  await jest.advanceTimersByTimeAsync(999);
  expect([passed(), probes()]).toEqual([false, 0]);
  await jest.advanceTimersByTimeAsync(1);
  expect([passed(), probes()]).toEqual([true, 1]);
});

test('it asks after 1, 2, 4, 8 and 16 s more, then every 30 s, until there is an answer', async () => {
  const { gate, probes, answer } = gateOver(false);
  gate.close(away);
  const passed = passage(gate);
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

test('closing it again while it is closed changes nothing and is not logged again', async () => {
  const { gate, probes, lines } = gateOver();
  for (let n = 0; n < 5; n += 1) gate.close(away);
  const passed = passage(gate);
  await jest.advanceTimersByTimeAsync(1_000);
  expect([passed(), probes()]).toEqual([true, 1]);
  expect(lines.map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
    'warn: a dependency is away: receiving stops until it answers',
    'info: dependencies answer again: receiving',
  ]);
});

test('it can be closed again once it has opened', async () => {
  const { gate, probes } = gateOver();
  gate.close(away);
  await jest.advanceTimersByTimeAsync(1_000);
  gate.close(away);
  const passed = passage(gate);
  await jest.advanceTimersByTimeAsync(999);
  expect(passed()).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect([passed(), probes()]).toEqual([true, 2]);
});

test('who stops waits at no gate', async () => {
  const { gate, stop, probes } = gateOver(false);
  gate.close(away);
  const passed = passage(gate);
  stop();
  await jest.advanceTimersByTimeAsync(0);
  expect([passed(), probes()]).toEqual([true, 0]);
  gate.close(away);
  await gate.passable();
});

function gateOver(answers = true) {
  const stopping = new AbortController();
  const { log, lines } = keptLog();
  let asked = 0;
  let well = answers;
  const probe = (): Promise<void> => {
    asked += 1;
    return well ? Promise.resolve() : Promise.reject(away);
  };
  return {
    gate: createGate(probe, log, stopping.signal),
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

/** Goes through a gate; tells whether it has got through. */
function passage(gate: Gate): () => boolean {
  let through = false;
  void gate.passable().then(() => {
    through = true;
  });
  return () => through;
}
