import { inspect } from 'node:util';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { tableOf } from '../../src/store/store.ts';
import type { TableName } from '../../src/store/tables.ts';
import { createBackend, type TestBackend } from '../support/harness.ts';
import { depth, isEmpty } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { bodyOf, happeningsOf, randomFrom, shuffled, type Happening } from './night-of-events.ts';
import { historyOf, stateAfter } from './plain-fold.ts';
import { onTestEngines, startProgram, terminate, type Program } from './program.ts';

type Row = Record<string, unknown>;

const eventCount = 5_000;
const schedulerCount = 200;
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
  const steady = [startConsumer('warn'), startConsumer('warn')];
  const kills = await killAgainAndAgain();
  await until('the queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url), {
    timeoutMs: 90_000,
    everyMs: 100,
  });
  for (const program of steady) expect(await terminate(program)).toMatchObject({ code: 0 });

  expect(kills.length).toBeGreaterThanOrEqual(5);
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 0,
    inHand: 0,
  });

  const stored = await rowsOf('events');
  expect(stored).toHaveLength(eventCount);
  expect(differences(stored.map(nameOf), happenings.map(storedName))).toEqual([]);
  const storedAt = new Map(stored.map((row) => [String(row['event_id']), String(row['accepted_at'])]));
  for (const [id, given] of acceptances) expect(given).toContain(storedAt.get(id));

  const bySchedulers = Map.groupBy(happenings, ({ scheduler }) => scheduler);
  const states = [...bySchedulers.values()].map((events) =>
    stateAfter(events, (id) => storedAt.get(id) ?? 'nowhere'),
  );
  expect(differences(textsOf(await rowsOf('schedulers')), textsOf(states))).toEqual([]);
  expect(differences(textsOf(await rowsOf('history')), textsOf(historyOf(happenings)))).toEqual([]);
}, 240_000);

test('every failure left one row for Slack', async () => {
  const failures = happenings.filter((event) => event.type === 'status' && event.status === 'failed');
  expect(failures.length).toBeGreaterThan(500);
  const keys = failures.map(({ scheduler, at, id }) => `alert/${scheduler}/${at}#${id}`);
  const rows = await rowsOf('messages');
  expect(
    differences(
      rows.map((row) => String(row['message_key'])),
      keys,
    ),
  ).toEqual([]);
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

/**
 * Starts a consumer and kills it in the middle of a batch, as soon as it has applied so many events, over and
 * over while there is work. @returns how much work was left at each kill
 */
async function killAgainAndAgain(): Promise<number[]> {
  const kills: number[] = [];
  for (;;) {
    const victim = startConsumer('debug');
    const enough = 1 + Math.floor(random() * 100);
    let applied = 0;
    victim.onLine((line) => {
      if (line.includes(' applied"')) applied += 1;
      if (applied === enough) victim.kill('SIGKILL');
    });
    let isKilled = false;
    void victim.ended.then(() => {
      isKilled = true;
    });
    const left = await until(
      'the victim is killed, or the work is over',
      async () => {
        const { waiting, inHand } = await depth(backend.sqs.send, backend.queues.events.url);
        return isKilled || waiting + inHand === 0 ? waiting + inHand : undefined;
      },
      { timeoutMs: 120_000, everyMs: 50 },
    );
    victim.kill('SIGKILL');
    expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
    if (left === 0) return kills;
    kills.push(left);
  }
}

async function rowsOf(table: TableName): Promise<Row[]> {
  const rows: Row[] = [];
  const pages = paginateScan(
    { client: backend.store.client },
    { TableName: tableOf(backend.store, table), ConsistentRead: true },
  );
  for await (const page of pages) rows.push(...(page.Items ?? []));
  return rows;
}

/** What an event is: its scheduler, time, id and kind. */
function nameOf(row: Row): string {
  return [row['scheduler_id'], row['occurred_at#event_id'], row['type'], row['status']].join(' ');
}

const storedTypes = {
  status: 'status_reported',
  heartbeat: 'heartbeat_received',
  register: 'scheduler_registered',
  remove: 'scheduler_removed',
  acknowledge: 'failure_acknowledged',
  snooze: 'alerts_snoozed',
};

function storedName(event: Happening): string {
  const status = event.type === 'status' ? event.status : undefined;
  return [event.scheduler, `${event.at}#${event.id}`, storedTypes[event.type], status].join(' ');
}

/** Each row as a text, members in order, without what says how often and until when it was written. */
function textsOf(rows: readonly Row[]): string[] {
  return rows.map((row) =>
    inspect({ ...row, rev: null, expires_at: null }, { sorted: true, depth: null, breakLength: Infinity }),
  );
}

/** What is missing (-) and what is too much (+), each as often as it is; the first ten of them. */
function differences(actual: readonly string[], expected: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of actual) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const text of expected) counts.set(text, (counts.get(text) ?? 0) - 1);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .map(([text, count]) => `${count > 0 ? '+' : '-'} ${text}`)
    .slice(0, 10);
}
