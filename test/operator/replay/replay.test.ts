import { beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { currentStateProjection } from '../../../projections/current-state.ts';
import { createClock } from '../../../src/clock.ts';
import { keepCheckpoint, readCheckpoint } from '../../../src/store/state/checkpoint.ts';
import { expectationSet, heartbeat, idOf, recorded, registration, status } from '../../support/events.ts';
import { watchRequests } from '../../store/requests.ts';
import type { TestBackend } from '../../support/harness.ts';
import { openBackend } from '../../support/open.ts';
import { allIn, drop, eventsOf, put, recordAll, ronda, withoutRevision, type Item } from './world.ts';

const { version } = currentStateProjection;
/** The morning after, at which time stands still. */
const morning = Date.parse('2099-11-24T06:00:00.000Z');

let backend: TestBackend;
const ids = ['fx-rates', 'ledger', 'payroll', 'tax'];
/** All rows as consumers left them. */
let sound: { schedulers: Item[]; history: Item[] };

beforeEach(async () => {
  backend = await openBackend({ clock: createClock({}, () => morning) });
  await recordAll(
    backend.store,
    ids.flatMap((id) => eventsOf(id, id === 'tax' ? 'taxes' : 'billing')),
  );
  sound = await tablesNow();
});

async function tablesNow() {
  const { store } = backend;
  return { schedulers: await allIn(store, 'schedulers'), history: await allIn(store, 'history') };
}

function rowOf(id: string): Item {
  return sound.schedulers.find((row) => row['scheduler_id'] === id) ?? {};
}

function entryOf(id: string, status: string): Item {
  return sound.history.find((row) => row['scheduler_id'] === id && row['status'] === status) ?? {};
}

/** Damages rows in every way. @returns what verify is to say of it, in order */
async function damage(): Promise<string[]> {
  const { store } = backend;
  const bogus = { at: '2099-11-23T17:09:00.000Z', id: idOf(99) };
  await put(store, 'schedulers', { ...rowOf('fx-rates'), rev: 9, status: { ...bogus, status: 'green' } });
  await put(store, 'schedulers', { ...rowOf('ledger'), rev: 'x', running: bogus, created: undefined });
  await drop(store, 'schedulers', rowOf('payroll'));
  await put(store, 'schedulers', { ...rowOf('tax'), version: 0, rev: 9 });
  await put(store, 'schedulers', { scheduler_id: 'ghost', version, rev: 1, heartbeat: bogus });
  await drop(store, 'history', entryOf('fx-rates', 'running'));
  await put(store, 'history', { ...entryOf('ledger', 'failed'), error_message: 'never said', version: 0 });
  await put(store, 'history', {
    ...entryOf('payroll', 'failed'),
    'timestamp#event_id': `${bogus.at}#${bogus.id}`,
  });
  await put(store, 'history', { ...entryOf('tax', 'failed'), scheduler_id: 'phantom' });
  return [
    'fx-rates current-state - row',
    'fx-rates history 2099-11-23T17:02:00.000Z#00000000-0000-4000-8000-000000000003 row',
    'ghost current-state - row',
    'ledger current-state - created',
    'ledger current-state - running',
    'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 version',
    'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 error_message',
    'payroll current-state - row',
    'payroll history 2099-11-23T17:09:00.000Z#00000000-0000-4000-8000-000000000099 row',
    'phantom history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 row',
    'tax current-state - version',
  ];
}

const report = z.looseObject({
  drifts: z.array(
    z.object({
      scheduler_id: z.string(),
      projection: z.string(),
      row: z.string().nullable(),
      field: z.string(),
      live: z.unknown(),
      rebuilt: z.unknown(),
      decided_by: z.string().nullable(),
    }),
  ),
});

async function drifts(...argv: string[]) {
  const { out } = await ronda(backend, 'verify', '--json', ...argv);
  return report.parse(JSON.parse(out)).drifts;
}

async function driftLines(...argv: string[]): Promise<string[]> {
  return (await drifts(...argv)).map(({ scheduler_id, projection, row, field }) =>
    [scheduler_id, projection, row ?? '-', field].join(' '),
  );
}

describe('of sound rows', () => {
  test('verify finds no drift, and writes nothing', async () => {
    const { code, out, err } = await ronda(backend, 'verify');
    expect(out).toMatch(/^Verified 4 schedulers from 20 events in (under 1|\d+) s: no drift\.\n$/);
    expect([code, err]).toEqual([0, '']);
    expect(await tablesNow()).toEqual(sound);
  });

  test('rows in which empty metadata stands as it came say the same', async () => {
    const row = rowOf('tax');
    const latest = { ...z.looseObject({}).parse(row['status']), metadata: '{}' };
    await put(backend.store, 'schedulers', { ...row, rev: 9, status: latest });
    await put(backend.store, 'history', { ...entryOf('tax', 'completed'), metadata: '{}' });
    expect(await driftLines()).toEqual([]);
  });

  test('replay writes nothing', async () => {
    const { code, out } = await ronda(backend, 'replay');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Replayed 4 schedulers from 20 events in (under 1|\d+) s\.\n0 rows changed, 20 rows unchanged, 0 conflicts retried\.\n$/,
    );
    expect(await tablesNow()).toEqual(sound);
  });
});

describe('of damaged rows', () => {
  test('verify names exactly the damage, and exits with 1', async () => {
    const wanted = await damage();
    expect(await driftLines()).toEqual(wanted);
    const before = await tablesNow();
    const { code, out } = await ronda(backend, 'verify');
    expect(code).toBe(1);
    expect(out).toContain(
      [
        'ledger  current-state  running',
        '  live     {"at":"2099-11-23T17:09:00.000Z","id":"00000000-0000-4000-8000-000000000099"}',
        '  rebuilt  {"at":"2099-11-23T17:02:00.000Z","id":"00000000-0000-4000-8000-000000000003"}',
        '  by event 2099-11-23T17:02:00.000Z#00000000-0000-4000-8000-000000000003',
        '',
      ].join('\n'),
    );
    expect(out).toMatch(/: 11 differences in 6 schedulers\. "ronda replay" rebuilds them;/);
    expect(await tablesNow()).toEqual(before);
  });

  test('a dry run of replay names it too, and writes nothing', async () => {
    await damage();
    const before = await tablesNow();
    const { code, out } = await ronda(backend, 'replay', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('ledger  current-state  running\n  live ');
    expect(out).toContain('6 rows would change,');
    expect(await tablesNow()).toEqual(before);
  });

  test('replay mends all but what has no event behind it; with --prune that too', async () => {
    await damage();
    const { code, out } = await ronda(backend, 'replay');
    expect(code).toBe(0);
    expect(out).toContain('6 rows changed,');
    expect(out).toContain('3 rows with no event behind them left: --prune removes them.\n');
    expect(await driftLines()).toEqual([
      'ghost current-state - row',
      'payroll history 2099-11-23T17:09:00.000Z#00000000-0000-4000-8000-000000000099 row',
      'phantom history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 row',
    ]);
    expect((await ronda(backend, 'replay', '--prune')).out).toContain(
      '3 rows with no event behind them removed.\n',
    );
    expect((await ronda(backend, 'verify')).code).toBe(0);
    expect(await tablesNow()).toEqual(sound);
  });

  test('replay mends one projection, schedulers by name, or those of a service, and leaves the others', async () => {
    const wanted = await damage();
    const left = async (...argv: string[]): Promise<string[]> => {
      expect((await ronda(backend, 'replay', ...argv)).code).toBe(0);
      const now = await driftLines();
      return wanted.filter((line) => !now.includes(line));
    };
    expect(await left('--service', 'taxes')).toEqual(['tax current-state - version']);
    expect(await left('--scheduler', 'payroll', '--projection', 'current-state')).toEqual([
      'payroll current-state - row',
      'tax current-state - version',
    ]);
    expect(await left('--projection', 'history')).toEqual([
      'fx-rates history 2099-11-23T17:02:00.000Z#00000000-0000-4000-8000-000000000003 row',
      'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 version',
      'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 error_message',
      'payroll current-state - row',
      'tax current-state - version',
    ]);
  });

  test('replay --outdated rebuilds the rows that an older version wrote, and only these', async () => {
    const wanted = await damage();
    const { out } = await ronda(backend, 'replay', '--outdated');
    expect(out).toContain('Replayed 2 schedulers ');
    const now = await driftLines();
    expect(wanted.filter((line) => !now.includes(line))).toEqual([
      'ledger current-state - created',
      'ledger current-state - running',
      'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 version',
      'ledger history 2099-11-23T17:03:00.000Z#00000000-0000-4000-8000-000000000004 error_message',
      'tax current-state - version',
    ]);
  });

  test('replay --outdated rebuilds rows of version 2, in which the registration decided every field', async () => {
    const owned = registration({
      ...{ scheduler_id: 'tax', service_name: 'taxes', owner_email: 'sari@example.com' },
      ...{ occurred_at: '2099-11-23T16:00:00.000Z', event_id: idOf(8) },
    });
    await recordAll(backend.store, [recorded(owned)]);
    sound = await tablesNow();
    const { owner_email, registration: names, ...row } = rowOf('tax');
    expect(owner_email).toEqual({ at: owned.occurred_at, id: owned.event_id, value: 'sari@example.com' });
    expect(names).toMatchObject({ service_name: 'taxes', job_name: 'close-day' });
    const contacts = { owner_email: null, alert_user_id: null, heartbeat_timeout_minutes: null };
    const old = { at: '2099-11-23T17:00:00.000Z', id: idOf(1), service_name: 'taxes', job_name: 'close-day' };
    await put(backend.store, 'schedulers', {
      ...{ ...row, version: 2, rev: 9 },
      registration: { ...old, ...contacts },
    });
    expect(await driftLines()).toContain('tax current-state - version');
    const { code, out } = await ronda(backend, 'replay', '--outdated');
    expect([code, out]).toEqual([0, expect.stringContaining('Replayed 1 scheduler ')]);
    expect(await tablesNow()).toEqual(sound);
  });

  test('replay --outdated rebuilds rows and entries from before expectations', async () => {
    const reported = status({
      ...{ scheduler_id: 'tax', service_name: 'taxes', run_id: 'run-7', business_date: '2099-11-23' },
      ...{ occurred_at: '2099-11-23T17:30:00.000Z', event_id: idOf(81) },
    });
    const expected = expectationSet({
      ...{ scheduler_id: 'tax', occurred_at: '2099-11-23T16:30:00.000Z', event_id: idOf(82) },
    });
    await recordAll(backend.store, [recorded(reported), recorded(expected)]);
    sound = await tablesNow();
    const { expectation, ...row } = rowOf('tax');
    expect(expectation).toMatchObject({ value: expected.expectation });
    // As they were: without what is new, and of the versions before.
    await put(backend.store, 'schedulers', { ...row, version: 3, rev: 9 });
    const entry = (await allIn(backend.store, 'history')).find((one) => one['id'] === idOf(81)) ?? {};
    const { run_id, business_date, ...old } = entry;
    expect([run_id, business_date]).toEqual(['run-7', '2099-11-23']);
    await put(backend.store, 'history', { ...old, version: 1 });
    const { code, out } = await ronda(backend, 'replay', '--outdated');
    expect([code, out]).toEqual([0, expect.stringContaining('Replayed 1 scheduler ')]);
    expect(await tablesNow()).toEqual(sound);
  });

  test('verify does not call drift what a consumer is about to write', async () => {
    const { store } = backend;
    await drop(store, 'history', entryOf('tax', 'failed'));
    let looks = 0;
    const { stop } = watchRequests(store, async (request) => {
      if (request !== 'Query scheduler-status-history') return;
      looks += 1;
      if (looks === 2) await put(store, 'history', entryOf('tax', 'failed'));
    });
    const { code, out } = await ronda(backend, 'verify', '--json');
    stop();
    expect([code, looks]).toEqual([0, 2]);
    expect(report.parse(JSON.parse(out)).drifts).toEqual([]);
  });
});

describe('what lies past its retention', () => {
  test('is carried over, and never a drift', async () => {
    const { store } = backend;
    const old = { at: '2099-11-16T05:59:59.999Z', id: idOf(7) };
    await recordAll(store, [
      recorded(status({ scheduler_id: 'old', occurred_at: '2098-01-01T00:00:00.000Z' })),
    ]);
    await put(store, 'schedulers', { scheduler_id: 'old', version, rev: 1, heartbeat: old, failed: old });
    const { out } = await ronda(backend, 'verify', '--scheduler', 'old');
    expect(out).toContain('carried  old  current-state  heartbeat\n');
    expect(await driftLines()).toEqual(['old current-state - failed']);
    await ronda(backend, 'replay', '--prune');
    expect((await allIn(store, 'schedulers')).find((row) => row['scheduler_id'] === 'old')).toEqual({
      scheduler_id: 'old',
      version,
      heartbeat: { ...old, accepted_at: null },
    });
  });
});

describe('a row of a newer version', () => {
  test('is left alone, and not judged', async () => {
    const newer = { ...rowOf('tax'), version: version + 1, rev: 9, mood: 'fine' };
    await put(backend.store, 'schedulers', newer);
    const verified = await ronda(backend, 'verify');
    expect(verified.code).toBe(1);
    expect(verified.out).toContain('1 row not judged: a newer version of Ronda wrote them.\n');
    const replayed = await ronda(backend, 'replay');
    expect(replayed.out).toContain('1 row of a newer version of Ronda left alone.\n');
    expect(await allIn(backend.store, 'schedulers')).toContainEqual(withoutRevision(newer));
  });
});

describe('an interrupted replay', () => {
  const begun = {
    projections: ['current-state', 'history'],
    prune: true,
    segments: 2,
    finished: [0],
    tally: {
      ...{ schedulers: 3, events: 12, changed: 1, unchanged: 11 },
      ...{ orphaned: 0, pruned: 1, carried: 0, conflicts: 0, newer: 0 },
    },
  };

  test('goes on behind the segments that were finished, and counts on', async () => {
    await damage();
    await keepCheckpoint(backend.store, 'replay', { ...begun, finished: [0, 1] });
    const { code, out } = await ronda(backend, 'replay', '--resume');
    expect(code).toBe(0);
    // Only the rows without events are left to look for: every segment of the events was finished.
    expect(out).toMatch(/^Replayed 3 schedulers from 12 events /);
    expect(out).toContain('1 row changed, 11 rows unchanged,');
    expect(out).toContain('3 rows with no event behind them removed.\n');
    expect(await readCheckpoint(backend.store, 'replay')).toBeUndefined();
  });

  test('is mended whole wherever it stopped', async () => {
    await damage();
    await keepCheckpoint(backend.store, 'replay', { ...begun, finished: [] });
    await ronda(backend, 'replay', '--resume');
    expect(await tablesNow()).toEqual(sound);
  });

  test('is mentioned when another one is begun', async () => {
    await keepCheckpoint(backend.store, 'replay', begun);
    const { err } = await ronda(backend, 'replay');
    expect(err).toBe('A replay was interrupted after 1 of 2 parts; --resume would have gone on with it.\n');
  });
});

describe('what was asked wrongly', () => {
  test.each([
    [
      ['replay', '--projection', 'moods'],
      '--projection: there is no moods; there are current-state, history, rules, and all',
    ],
    [
      ['replay', '--service', 'a', '--scheduler', 'b'],
      '--scheduler and --service: only one of them at a time',
    ],
    [['replay', '--outdated', '--service', 'a'], '--service and --outdated: only one of them at a time'],
    [['replay', '--resume'], 'There is no interrupted replay to resume.'],
    [
      ['replay', '--resume', '--dry-run'],
      '--resume goes on with what was begun and takes no other option; given: --dry-run',
    ],
    [['verify', '--settle', 'soon'], '--settle: soon must be a number of seconds, 0 to 3600.'],
  ])('is reported and ends with 2: %j', async (argv, message) => {
    const { code, out, err } = await ronda(backend, ...argv);
    expect([code, out, err]).toEqual([2, '', `ronda: ${message}\n`]);
  });

  test.each(['replay', 'verify'])('a scheduler that nobody knows: %s', async (command) => {
    const { code, err } = await ronda(backend, command, '--scheduler', 'nobody', 'tax');
    expect([code, err]).toEqual([1, 'nobody: no event and no row of such a scheduler.\n']);
  });
});

test('a scheduler of heartbeats alone has no history, and that is sound', async () => {
  await recordAll(backend.store, [recorded(heartbeat({ scheduler_id: 'pulse' }))]);
  const { out } = await ronda(backend, 'replay', '--json');
  expect(JSON.parse(out)).toMatchObject({
    complete: true,
    schedulers: 5,
    events: 21,
    changed: 0,
    unchanged: 21,
  });
});
