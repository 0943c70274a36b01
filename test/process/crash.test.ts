import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { createBackend, type TestBackend } from '../support/harness.ts';
import { depth, isEmpty } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { bodyOf, happeningsOf, randomFrom, shuffled } from './night-of-events.ts';
import { historyOf, stateAfter } from './plain-fold.ts';
import { onTestEngines, startProgram, terminate, type Program } from './program.ts';
import { differences, rowName, rowsOf, storedName, textsOf } from './tables.ts';

const eventCount = 1_500;
const schedulerCount = 120;
const random = randomFrom(20_261_123);
const start = createClock().real() - 3_600_000;
const happenings = happeningsOf({ random, events: eventCount, schedulers: schedulerCount, start });

let backend: TestBackend;
const programs: Program[] = [];

beforeAll(async () => {
  backend = await createBackend({ visibilitySeconds: 2 });
});

afterAll(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.map(({ ended }) => ended));
  backend.close();
});

test('consumers killed again and again leave every event once, and rows as a plain fold of all', async () => {
  const acceptances = await sendAll();
  // Two at a time, so that one is killed while another goes on with the same schedulers.
  await Promise.all([killAgainAndAgain(3), killAgainAndAgain(3)]);
  expect(await isEmpty(backend.sqs.send, backend.queues.events.url)).toBe(false);
  const steady = [startConsumer('warn'), startConsumer('warn')];
  await until('the queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url), {
    timeoutMs: 300_000,
    everyMs: 100,
  });
  for (const program of steady) expect(await terminate(program)).toMatchObject({ code: 0 });

  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 0,
    inHand: 0,
  });

  const stored = await rowsOf(backend.store, 'events');
  expect(stored).toHaveLength(eventCount);
  expect(differences(stored.map(rowName), happenings.map(storedName))).toEqual([]);
  const storedAt = new Map(stored.map((row) => [String(row['event_id']), String(row['accepted_at'])]));
  for (const [id, given] of acceptances) expect(given).toContain(storedAt.get(id));

  const bySchedulers = Map.groupBy(happenings, ({ scheduler }) => scheduler);
  const states = [...bySchedulers.values()].map((events) =>
    stateAfter(events, (id) => storedAt.get(id) ?? 'nowhere'),
  );
  expect(differences(textsOf(await rowsOf(backend.store, 'schedulers')), textsOf(states))).toEqual([]);
  expect(
    differences(textsOf(await rowsOf(backend.store, 'history')), textsOf(historyOf(happenings))),
  ).toEqual([]);
}, 480_000);

test('every failure left one alert', async () => {
  const failures = happenings.filter((event) => event.type === 'status' && event.status === 'failed');
  expect(failures.length).toBeGreaterThan(100);
  const keys = failures.map(({ scheduler, at, id }) => `alert/${scheduler}/${at}#${id}`);
  const rows = await rowsOf(backend.store, 'alerts');
  const alerts = rows.filter(({ kind }) => kind === 'failure');
  const named = alerts.map((row) => String(row['alert_key']));
  expect(differences(named, keys)).toEqual([]);
  // Beside each lies the night under which it was pinned.
  expect(rows).toHaveLength(2 * alerts.length);
});

/** Sends each event one to three times, in any order. @returns the acceptance times that each event was given */
async function sendAll(): Promise<Map<string, string[]>> {
  const acceptances = new Map<string, string[]>();
  const bodies = happenings.flatMap((event) => {
    const copies = [1, 1, 1, 2, 3][Math.floor(random() * 5)] ?? 1;
    return Array.from({ length: copies }, () => {
      const acceptedAt = new Date(start + Math.floor(random() * 3_000_000)).toISOString();
      acceptances.set(event.id, [...(acceptances.get(event.id) ?? []), acceptedAt]);
      return bodyOf(event, acceptedAt);
    });
  });
  const publisher = createPublisher(backend.sqs.send, backend.queues.events.url);
  const queue = shuffled(bodies, random);
  while (queue.length > 0) {
    await Promise.all(queue.splice(0, 500).map((body) => publisher.send({ body })));
  }
  return acceptances;
}

function startConsumer(LOG_LEVEL: string): Program {
  const env = { ...onTestEngines(backend.prefix), LOG_LEVEL };
  const program = startProgram(['start', 'consumer', '--json'], env);
  programs.push(program);
  return program;
}

/** Starts a consumer and kills it in the middle of a batch, as soon as it has applied so many events, over and over. */
async function killAgainAndAgain(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const victim = startConsumer('debug');
    const enough = 1 + Math.floor(random() * 100);
    let applied = 0;
    victim.onLine((line) => {
      if (line.includes(' applied"')) applied += 1;
      if (applied === enough) victim.kill('SIGKILL');
    });
    expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
  }
}
