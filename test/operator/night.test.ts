import { expect, test } from '@jest/globals';
import { addMaintenance } from '../../src/operator/maintenance/command.ts';
import { addNight } from '../../src/operator/night/command.ts';
import { readRecords } from '../../src/operator/audit/records.ts';
import { record } from '../../src/store/projections/record.ts';
import { beat } from '../../src/store/roles.ts';
import { keepGap } from '../../src/store/state/gap-rows.ts';
import { clockAt, openWorld } from '../ingress/http/fixtures.ts';
import { at, expectationSet, idOf, recorded, registration, status } from '../support/events.ts';
import { examplesIn, run, testCli } from './test-cli.ts';

/** 02:00 in Jakarta. */
const clock = clockAt(at('19:00:00.000'));
const { backend, call } = await openWorld({ clock });
const before = '2099-11-20T00:00:00.000Z';
const jobs = (id: string, expectation: object) => [
  registration({ scheduler_id: id, job_name: `${id} \u001b[31m`, occurred_at: before }),
  expectationSet({
    ...{ scheduler_id: id, event_id: idOf(2), occurred_at: before },
    expectation: JSON.stringify(expectation),
  }),
];
await record(
  backend.store,
  [
    ...jobs('none', { schedule: '0 1 * * *', finish_by: '05:30' }),
    ...jobs('waits', { schedule: '30 1 * * *', depends_on: ['none'] }),
    ...jobs('done', { schedule: '0 1 * * *', min_duration_ms: 600_000 }),
    status({ scheduler_id: 'done', occurred_at: at('18:20:00.000'), execution_time_ms: 60_000 }),
  ].map((event) => recorded(event)),
);
for (const role of ['ingress', 'consumer'] as const)
  await beat(backend.store, { role, instance: 'one', since: clock.real() - 9_000_000, read_up_to: 'idle' });
await keepGap(backend.store, { from: Date.parse(at('17:30:00.000')), to: Date.parse(at('17:40:00.000')) });

async function ronda(...line: string[]) {
  const cli = testCli(backend, { env: { EOD_TIMEZONE: 'Asia/Jakarta', EOD_WINDOW: '00:00-06:00' } });
  const code = await run(
    cli,
    (program, context) => {
      addNight(program, context);
      addMaintenance(program, context);
    },
    line,
  );
  return { code, out: cli.out(), err: cli.err() };
}

test('ronda night says what was due and what became of it, for people', async () => {
  const { code, out } = await ronda('night');
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
    'Night 2099-11-24 of eod (Asia/Jakarta), 2099-11-23T17:00:00.000Z to 2099-11-23T23:00:00.000Z, as of 2099-11-23T19:00:00.000Z.',
    '3 expected: 1 completed, 1 waiting, 1 late.',
    'Nobody listened from 2099-11-23T17:30:00.000Z to 2099-11-23T17:40:00.000Z.',
    'due  verdict  service  job  scheduler  began  took  note',
    `${at('18:00:00.000')}  completed  billing  done \\u{1b}[31m  done  ${at('18:19:00.000')}  1 min  began late; too short`,
    `${at('18:00:00.000')}  late  billing  none \\u{1b}[31m  none  -  -  to begin by ${at('18:15:00.000')}; to end by ${at('22:30:00.000')}`,
    `${at('18:30:00.000')}  waiting  billing  waits \\u{1b}[31m  waits  -  -  waits for none; to begin by ${at('18:45:00.000')}`,
    '',
  ]);
});

test('ronda night says to machines what GET /nights/{date} answers', async () => {
  const { out } = await ronda('night', '2099-11-24', '--board', 'eod', '--json');
  expect(JSON.parse(out)).toEqual((await call('GET', '/nights/2099-11-24')).json);
});

test.each([
  [['night', '2099-11-26'], 'DATE: must not lie beyond tomorrow, 2099-11-25'],
  [['night', 'tonight'], 'DATE: must be a date, like 2026-11-23'],
  [['night', '--board', 'none'], '--board: there is no board none, there are eod'],
  [['maintenance', 'plan', '--reason', 'x', '--for', '2h'], '--service or --scheduler is required'],
  [['maintenance', 'plan', '--reason', 'x', '--service', 'a'], 'give --until or --for'],
  [
    ['maintenance', 'plan', '--reason', 'x', '--service', 'a', '--for', 'ever'],
    '--for: must be a duration, like 90m or 2h',
  ],
  [
    ['maintenance', 'plan', '--reason', 'x', '--service', 'a', '--from', 'noon', '--for', '2h'],
    '--from: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
  ],
  [
    ['maintenance', 'plan', '--reason', 'x', '--scheduler', 'a b', '--until', '2099-11-24T00:00:00Z'],
    '--scheduler.0: must be 1 to 255 of A-Z a-z 0-9 . _ : -',
  ],
  [['maintenance', 'end', 'disks'], 'ID: must be a UUID'],
])('ronda %j is exit code 2, and says why', async (line, why) => {
  const { code, err } = await ronda(...line);
  expect([code, err]).toEqual([2, expect.stringContaining(why)]);
});

test('ronda maintenance plans, lists and ends, and the audit knows who', async () => {
  const line = ['--service', 'billing', '--scheduler', 'none', '--for', '2h', '--reason', 'new disks'];
  const planned = await ronda('maintenance', 'plan', ...line, '--json');
  const shown = {
    ...{ id: expect.any(String), services: ['billing'], scheduler_ids: ['none'], reason: 'new disks' },
    ...{ by: 'sari@ops-1', from: at('19:00:00.000'), until: at('21:00:00.000') },
    ...{ planned_at: at('19:00:00.000'), ended_at: null },
  };
  expect(JSON.parse(planned.out)).toEqual(shown);
  expect((await call('GET', '/maintenance')).json).toEqual([shown]);
  const listed = await ronda('maintenance', 'list');
  expect(listed.out).toContain('billing, none  sari@ops-1  -');
  const [id = ''] = listed.out.split('\n')[1]?.split(' ') ?? [];
  expect((await ronda('maintenance', 'end', id)).out).toBe(`Maintenance ${id} is ended.\n`);
  expect(await ronda('maintenance', 'end', id)).toEqual({
    code: 1,
    out: '',
    err: `${id} is ended already.\n`,
  });
  expect(await ronda('maintenance', 'end', idOf(9))).toMatchObject({
    ...{ code: 1, err: `There is no maintenance ${idOf(9)}.\n` },
  });
  expect((await ronda('maintenance', 'list')).err).toBe('No maintenance is planned.\n');
  expect(JSON.parse((await ronda('maintenance', 'list', '--all', '--json')).out)).toMatchObject({
    ...{ id, ended_at: at('19:00:00.001') },
  });
  const acts: unknown[] = [];
  for await (const one of readRecords(backend.store)) acts.unshift([one?.act, one?.by, one?.details['id']]);
  expect(acts).toEqual([
    ['maintenance plan', 'sari@ops-1', id],
    ['maintenance end', 'sari@ops-1', id],
  ]);
});

test('each helps on one screen', async () => {
  for (const line of [['night'], ['maintenance'], ['maintenance', 'plan']]) {
    const { out } = await ronda(...line, '--help');
    for (const [command] of examplesIn(out)) expect(command).toBe(line[0]);
  }
});
