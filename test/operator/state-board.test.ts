import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { addState } from '../../src/operator/state/command.ts';
import { record } from '../../src/store/projections/record.ts';
import { beat } from '../../src/store/roles.ts';
import { tableOf } from '../../src/store/store.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  recorded,
  registration,
  removal,
  status,
} from '../support/events.ts';
import type { TestBackend } from '../support/harness.ts';
import { openBackend } from '../support/open.ts';
import { run, testCli } from './test-cli.ts';

async function withEvents(...events: RondaEvent[]): Promise<TestBackend> {
  const backend = await openBackend({ clock: createClock({ start: Date.parse(at('18:00:00.000')) }) });
  await record(
    backend.store,
    events.map((event) => recorded(event)),
  );
  return backend;
}

async function board(backend: TestBackend, argv: readonly string[] = [], isTTY = false) {
  const cli = testCli(backend, { isTTY });
  const code = await run(cli, addState, ['state', '--all', ...argv]);
  return { code, out: cli.out(), err: cli.err() };
}

/** An ingress and a consumer that have been there for a while. */
async function withCoverage(backend: TestBackend): Promise<void> {
  const since = backend.clock.real() - 1_000_000;
  await beat(backend.store, { role: 'ingress', instance: 'i', since });
  await beat(backend.store, { role: 'consumer', instance: 'c', since, read_up_to: 'idle' });
}

/** Midnight in Jakarta is 17:00 UTC. */
const night = [
  registration({ scheduler_id: 'quiet', job_name: 'wait', occurred_at: at('16:00:00.000') }),
  status({
    scheduler_id: 'done',
    job_name: 'tidy',
    occurred_at: at('17:05:00.000'),
    execution_time_ms: 65_000,
  }),
  status({ scheduler_id: 'works', job_name: 'sum-up', status: 'running', occurred_at: at('17:30:00.000') }),
  heartbeat({ scheduler_id: 'works', occurred_at: at('17:45:00.000'), event_id: idOf(2) }),
  registration({ scheduler_id: 'broken', job_name: 'close-day', occurred_at: at('16:00:00.000') }),
  status({
    scheduler_id: 'broken',
    status: 'failed',
    error_message: 'disk full\nat line 3',
    occurred_at: at('17:20:00.000'),
    event_id: idOf(3),
  }),
  acknowledgement({
    scheduler_id: 'broken',
    occurred_at: at('17:40:00.000'),
    event_id: idOf(4),
    failure_event_id: idOf(3),
  }),
  registration({ scheduler_id: 'gone', occurred_at: at('16:00:00.000') }),
  removal({ scheduler_id: 'gone', occurred_at: at('17:35:00.000') }),
];

test('the board as it stood has one line for each scheduler, sorted as the board is', async () => {
  const backend = await withEvents(...night);
  const { code, out } = await board(backend, ['--as-of', at('17:50:00.000')]);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual(
    [
      'state      service  job        scheduler  since                     took     note',
      'failed     billing  close-day  broken     2099-11-23T17:20:00.000Z  -        acknowledged by sari; disk full',
      'running    billing  sum-up     works      2099-11-23T17:30:00.000Z  20 min  last heard 2099-11-23T17:45:00.000Z; not registered',
      'pending    billing  wait       quiet      -                         -        ',
      'completed  billing  tidy       done       2099-11-23T17:05:00.000Z  1 min   not registered',
      '',
    ].map((line) => expect.stringMatching(new RegExp(`^${line.trimEnd().replace(/ +/g, ' +')}$`))),
  );
});

test('what happened after that time is not on it, and what was removed after it is', async () => {
  const backend = await withEvents(...night);
  const { out } = await board(backend, ['--as-of', at('17:19:59.999'), '--json']);
  const lines = out
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { scheduler_id: 'broken', board_state: 'pending', acknowledged_by: null, job_name: 'close-day' },
    { scheduler_id: 'gone', board_state: 'pending', status: 'pending' },
    { scheduler_id: 'quiet', board_state: 'pending' },
    { scheduler_id: 'done', board_state: 'completed', status: 'completed', execution_time_ms: 65_000 },
  ]);
});

test.each([
  ['17:55:00.000', 'running'],
  ['17:55:00.001', 'stale'],
])('as of %s a job that was last heard at 17:45 is %s', async (time, expected) => {
  const backend = await withEvents(...night);
  await withCoverage(backend);
  const { out } = await board(backend, ['--as-of', at(time)]);
  expect(out).toMatch(new RegExp(`^${expected} +billing +sum-up`, 'm'));
});

test('yesterday’s end says nothing of tonight', async () => {
  const backend = await withEvents(status({ occurred_at: at('16:59:59.999') }));
  expect((await board(backend, ['--as-of', at('16:59:59.999')])).out).toContain('completed');
  expect((await board(backend, ['--as-of', at('17:00:00.000')])).out).toContain('pending');
});

test('nobody is stale while nobody listens', async () => {
  const backend = await withEvents(...night);
  expect((await board(backend)).out).toMatch(/^running +billing +sum-up/m);
  await withCoverage(backend);
  expect((await board(backend)).out).toMatch(/^stale +billing +sum-up/m);
});

test('a row that cannot be read is left out and named, with exit code 1; the past is read from events', async () => {
  const backend = await withEvents(...night);
  await backend.store.client.send(
    new PutCommand({
      TableName: tableOf(backend.store, 'schedulers'),
      Item: { scheduler_id: 'quiet', version: 1, rev: 9, registration: 'nonsense' },
    }),
  );
  const { code, out, err } = await board(backend);
  expect({ code, err }).toEqual({
    code: 1,
    err: 'The row of quiet cannot be read and is left out: "ronda verify" says more.\n',
  });
  expect(out).not.toContain('quiet');
  expect(await board(backend, ['--as-of', at('17:50:00.000')])).toMatchObject({
    code: 0,
    out: expect.stringContaining('quiet'),
  });
});

test('on a terminal it says how far it is', async () => {
  const backend = await withEvents(...night);
  expect((await board(backend, ['--as-of', at('17:50:00.000')], true)).err).toContain('schedulers [');
});
