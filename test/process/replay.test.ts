import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock, pause } from '../../src/clock.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { tableOf } from '../../src/store/store.ts';
import { tables } from '../../src/store/tables.ts';
import { createBackend, type TestBackend } from '../support/harness.ts';
import { isEmpty } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { rawRow } from '../store/fixtures.ts';
import { drop, put } from '../operator/replay/world.ts';
import { bodyOf, happeningsOf, randomFrom, type Happening } from './night-of-events.ts';
import { historyOf, stateAfter } from './plain-fold.ts';
import { onTestEngines, run, startProgram, terminate, type Program } from './program.ts';
import { differences, rowName, rowsOf, storedName, textsOf, type Row } from './tables.ts';

const random = randomFrom(20_261_124);
const { real } = createClock();
const start = real() - 7_200_000;
/** What has happened before, and what comes meanwhile: of all but the last twenty schedulers, an hour later. */
const past = happeningsOf({ random, events: 1_200, schedulers: 150, start });
const present = happeningsOf({ random, events: 20_000, schedulers: 130, start: start + 3_600_000 });
/** A hundred a second, where the machine keeps up. */
const [perTick, tickMs] = [5, 50];

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

test('verify names the damage and replay mends it, while a hundred events a second arrive', async () => {
  const env = { ...onTestEngines(backend.prefix), LOG_LEVEL: 'warn' };
  const consumer = startProgram(['start', 'consumer', '--json'], env);
  programs.push(consumer);
  const publisher = createPublisher(backend.sqs.send, backend.queues.events.url);
  const send = (events: readonly Happening[]) =>
    Promise.all(events.map((event) => publisher.send({ body: bodyOf(event, acceptedAt(event)) })));
  await send(past);
  await queueIsEmpty();

  const stopped = new AbortController();
  const arriving = arrive(send, stopped.signal);
  const wanted = await damage();
  const found = await run(['verify', '--json', '--settle', '1'], env);
  expect(found.code).toBe(1);
  expect(differences(linesOf(found.stdout), wanted)).toEqual([]);

  const replayed = await run(['replay', '--prune', '--json'], env);
  expect([replayed.code, replayed.stderr]).toEqual([0, '']);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ complete: true, pruned: 20, orphaned: 0, newer: 0 });
  const clean = await run(['verify', '--json', '--settle', '1'], env);
  expect(linesOf(clean.stdout)).toEqual([]);
  expect(clean.code).toBe(0);

  stopped.abort();
  const arrived = await arriving;
  await queueIsEmpty();
  expect(await terminate(consumer)).toMatchObject({ code: 0 });

  const all = [...past, ...arrived];
  expect(differences((await rowsOf(backend.store, 'events')).map(rowName), all.map(storedName))).toEqual([]);
  const accepted = new Map(all.map((event) => [event.id, acceptedAt(event)]));
  const states = [...Map.groupBy(all, ({ scheduler }) => scheduler).values()].map((events) =>
    stateAfter(events, (id) => accepted.get(id) ?? 'never'),
  );
  expect(differences(textsOf(await rowsOf(backend.store, 'schedulers')), textsOf(states))).toEqual([]);
  expect(differences(textsOf(await rowsOf(backend.store, 'history')), textsOf(historyOf(all)))).toEqual([]);
}, 240_000);

/** Sends what comes meanwhile at its pace. @returns what was sent */
async function arrive(
  send: (events: readonly Happening[]) => Promise<unknown>,
  signal: AbortSignal,
): Promise<readonly Happening[]> {
  let sent = 0;
  while (!signal.aborted) {
    // Never more than that: a busy machine that is behind would have all the more to do.
    await send(present.slice(sent, sent + perTick));
    sent += perTick;
    await pause(tickMs, signal);
  }
  expect(sent).toBeLessThan(present.length);
  return present.slice(0, sent);
}

/** Damages rows and entries in every way. @returns what is to be found: scheduler, projection, field */
async function damage(): Promise<string[]> {
  const { store } = backend;
  const rows = (await rowsOf(store, 'schedulers')).sort(byName);
  const quiet = rows.filter(({ scheduler_id }) => Number(String(scheduler_id).slice(4)) >= 130);
  const busy = rows.filter((row) => !quiet.includes(row) && row['created'] !== undefined);
  const entries = (await rowsOf(store, 'history')).sort(byName);
  const history = [...new Map(entries.map((entry) => [entry['scheduler_id'], entry])).values()];
  const late = { at: '2100-01-01T00:00:00.000Z', id: '00000000-0000-4000-8000-000000000099' };
  const found: string[] = [];
  const name = (row: Row, ...fields: string[]): void => {
    for (const field of fields) found.push(`${String(row['scheduler_id'])} ${field}`);
  };

  for (const row of busy.splice(0, 20)) {
    const status = { ...late, status: 'failed', service_name: 'x', job_name: 'x' };
    const more = { execution_time_ms: null, error_message: null, metadata: null };
    await change(row, { status: { ...status, ...more } });
    name(row, 'current-state status');
  }
  for (const row of busy.splice(0, 20)) {
    await change(row, { created: undefined, running: late });
    name(row, 'current-state created', 'current-state running');
  }
  for (const [n, row] of quiet.entries()) {
    if (n < 5) {
      await drop(store, 'schedulers', row);
      name(row, 'current-state row');
    } else if (n < 10) {
      await change(row, { version: 0 });
      name(row, 'current-state version');
    } else if (n < 15) {
      await change(row, { rev: 'three', registration: 'lost' });
      name(row, 'current-state row');
    } else {
      await change(row, { heartbeat: late, running: undefined, completed: undefined, failed: undefined });
      name(row, 'current-state heartbeat');
      for (const field of ['running', 'completed', 'failed'])
        if (row[field] !== undefined) name(row, `current-state ${field}`);
    }
  }
  for (let n = 0; n < 10; n += 1) {
    const ghost = { scheduler_id: `ghost-${n}`, version: 1, rev: 1, heartbeat: late };
    await put(store, 'schedulers', ghost);
    name(ghost, 'current-state row');
  }
  for (const [n, entry] of history.slice(0, 40).entries()) {
    if (n < 10) await put(store, 'history', { ...entry, [tables.history.sort]: `${late.at}#${late.id}` });
    else if (n < 20) await drop(store, 'history', entry);
    else if (n < 30) await put(store, 'history', { ...entry, execution_time_ms: 1_234_567 });
    else await put(store, 'history', { ...entry, version: 0 });
    name(entry, `history ${n < 20 ? 'row' : n < 30 ? 'execution_time_ms' : 'version'}`);
  }
  return found;
}

/** Changes cells of a row, but nothing that a consumer writes meanwhile. */
async function change(row: Row, cells: Row): Promise<void> {
  const TableName = tableOf(backend.store, 'schedulers');
  await until(`${String(row['scheduler_id'])} is damaged`, async () => {
    const scheduler_id = String(row['scheduler_id']);
    const now = await rawRow(backend.store, 'schedulers', { scheduler_id });
    return await backend.store.client
      .send(
        new PutCommand({
          TableName,
          Item: { ...now, rev: Number(now?.['rev']) + 1, ...cells },
          ConditionExpression: '#rev = :rev',
          ExpressionAttributeNames: { '#rev': 'rev' },
          ExpressionAttributeValues: { ':rev': now?.['rev'] },
        }),
      )
      .then(
        () => true,
        () => false,
      );
  });
}

const report = z.object({
  drifts: z.array(z.object({ scheduler_id: z.string(), projection: z.string(), field: z.string() })),
});

function linesOf(json: string): string[] {
  const { drifts } = report.parse(JSON.parse(json));
  return drifts.map(({ scheduler_id, projection, field }) => `${scheduler_id} ${projection} ${field}`);
}

function byName(a: Row, b: Row): number {
  const [x, y] = [a, b].map((row) => JSON.stringify([row['scheduler_id'], row[tables.history.sort]]));
  return (x ?? '') < (y ?? '') ? -1 : 1;
}

function acceptedAt({ id }: Happening): string {
  return new Date(start + 3_700_000 + (Number.parseInt(id.slice(0, 6), 16) % 3_400_000)).toISOString();
}

async function queueIsEmpty(): Promise<void> {
  await until('the queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url), {
    timeoutMs: 90_000,
    everyMs: 100,
  });
}
