import { describe, expect, test } from '@jest/globals';
import type { RondaEvent } from '../../../../src/events/event.ts';
import { expectationText } from '../../../../src/events/expectation.ts';
import { utc } from '../../../../src/events/time.ts';
import { nightKey } from '../../../../src/night/boards.ts';
import { alertKey, createAlert } from '../../../../src/store/alerts/alert-rows.ts';
import { nightView, readNight } from '../../../../src/board/night-report.ts';
import { readGaps } from '../../../../src/store/state/gap-rows.ts';
import { eod } from '../../../support/boards.ts';
import { acknowledgement, idOf } from '../../../support/events.ts';
import { keyEventId } from '../../../../src/alerts/alert.ts';
import { minute, openWorld, registers, reports, wib, type World } from './world.ts';
import { textsOf } from '../slack-process.ts';

const expecting = (fields: object) => ({
  expectation: expectationText.parse({ schedule: '0 1 * * *', start_within_minutes: 10, ...fields }),
});

/** The messages about slots and failures, oldest first, without what stands in their threads. */
const alerts = async (world: World) =>
  (await world.shown()).filter(
    ({ key, thread_ts }) => thread_ts === undefined && /(?:late|overdue|too_short|unmet|alert)\//.test(key),
  );
/** What they say. */
const called = async (world: World): Promise<string[]> => (await alerts(world)).map(({ text }) => text);

/** Looks every five minutes up to a time, at last every minute, everybody there, everything read. */
async function until(world: World, time: string, ...rounds: (() => Promise<void>)[]): Promise<void> {
  for (let left = wib(time) - world.clock.now(); left > 0; left = wib(time) - world.clock.now()) {
    world.wait(left > 7 * minute ? 5 * minute : minute);
    await world.alive();
    await Promise.all(rounds.map((round) => round()));
  }
}

describe('a job that does not start', () => {
  test('is called once when its grace is over, over two replicas; when it begins the same message says so', async () => {
    const world = await openWorld(wib('00:55:00'));
    await world.alive();
    await world.happen(registers('payroll', expecting({})));
    const [one, two] = [world.replica(), world.replica()];
    await until(world, '01:10:00', one.round, two.round);
    expect(await called(world)).toEqual([]);
    await until(world, '01:11:00', one.round, two.round);
    expect(await called(world)).toEqual([
      'billing / payroll did not start: due 01:00 WIB, nothing had begun by 01:10 WIB',
    ]);
    const { coverageMonitor } = one.context;
    const reading = await readNight(one.context, eod, '2099-11-24', coverageMonitor.current());
    expect(nightView(reading)).toMatchObject({
      counts: { expected: 1, late: 1 },
      slots: [{ verdict: 'late' }],
    });
    await until(world, '02:00:00', one.round, two.round);
    const [board] = await world.shown('/board/');
    expect(textsOf(board ?? {}).join('\n')).toMatch(/⏰ late/);
    await world.happen(reports('payroll', 'running', '01:47:00'));
    await until(world, '02:02:00', one.round, two.round);
    expect(await called(world)).toEqual(['✅ billing / payroll did not start, began 01:47 WIB, 47 min late']);
    const [message] = await alerts(world);
    expect(message?.edits).toBe(1);
    expect([...one.complaints(), ...two.complaints()]).toEqual([]);
  });

  test('in any of many slots is one alert, which goes on', async () => {
    const world = await openWorld(wib('00:55:00'));
    await world.alive();
    await world.happen(registers('payroll', expecting({ schedule: '*/15 * * * *' })));
    const { round } = world.replica();
    await until(world, '02:05:00', round);
    const texts = await called(world);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/due 16:00 WIB|due 2[0-9]|due \d\d:\d\d WIB/);
    expect(texts[0]).toMatch(/more slots up to 01:45 WIB/);
  });

  test('is given as long again as nobody could hear it', async () => {
    const world = await openWorld(wib('00:55:00'));
    await world.alive();
    await world.happen(registers('payroll', expecting({})));
    const { round } = world.replica();
    await until(world, '01:05:00', round);
    // Nobody consumes from here on, and whoever does again began anew.
    world.at(wib('01:30:00'));
    world.restart();
    await world.alive();
    await round();
    await until(world, '01:34:00', round);
    expect(await called(world)).toEqual([]);
    await until(world, '01:36:00', round);
    expect(await called(world)).toHaveLength(1);
    // Nights that are asked for later are judged by what is kept of it.
    expect(await readGaps(world.store)).toEqual([{ from: wib('01:05:00'), to: wib('01:30:00') }]);
  });

  test('and is acknowledged says by whom', async () => {
    const world = await openWorld(wib('00:55:00'));
    await world.alive();
    await world.happen(registers('payroll', expecting({})));
    const { round } = world.replica();
    await until(world, '01:12:00', round);
    const [message] = await alerts(world);
    await world.happen(
      acknowledgement({
        ...{ scheduler_id: 'payroll', event_id: idOf(77), occurred_at: utc(world.clock.now()) },
        failure_event_id: keyEventId({
          scheduler_id: 'payroll',
          alert_key: message?.key.replace(/^.*?late/, 'late') ?? '',
        }),
      }),
    );
    await until(world, '01:13:00', round);
    expect(await called(world)).toEqual([expect.stringContaining('acknowledged by sari')]);
  });
});

test('a job that does not end in time, or ends too soon and empty, is called, and the message says how it ended', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  await world.happen(
    registers('payroll', expecting({ finish_by: '02:00' })),
    registers('export', expecting({ min_duration_ms: 60_000, results: [{ path: 'rows', at_least: 1 }] })),
    reports('payroll', 'running', '01:01:00'),
    { ...reports('export', 'completed', '01:01:00'), execution_time_ms: 3_000, metadata: '{"rows":0}' },
  );
  const { round } = world.replica();
  await until(world, '02:02:00', round);
  expect((await called(world)).toSorted()).toEqual([
    'billing / export did not do its work: due 01:00 WIB: rows is 0, not at least 1',
    'billing / export ended too soon: due 01:00 WIB, took 3 s, expected at least 1 min',
    'billing / payroll is overdue: due 01:00 WIB, began 01:01 WIB, should have ended by 02:00 WIB',
  ]);
  await world.happen(reports('payroll', 'completed', '02:10:00'));
  await until(world, '02:12:00', round);
  expect(await called(world)).toContain('✅ billing / payroll is overdue, completed 02:10 WIB');
});

test('thirty jobs that wait for one are named in its alert; after its recovery one that does not start is one alert', async () => {
  const world = await openWorld(wib('00:10:00'));
  await world.alive();
  const dependents = Array.from({ length: 30 }, (_, n) => `report-${String(n).padStart(2, '0')}`);
  await world.happen(
    registers('ledger', { ...expecting({ schedule: '30 0 * * *' }), alert_user_id: 'U0SARI' }),
    ...dependents.map((id) => registers(id, expecting({ depends_on: ['ledger'] }))),
  );
  const { round } = world.replica();
  await until(world, '01:30:00', round);
  const [first, ...others] = await alerts(world);
  expect(others).toEqual([]);
  expect(textsOf(first ?? {}).join('\n')).toMatch(/30 jobs wait for it: report-00, report-01/);
  expect(JSON.stringify(first?.blocks).split('<@U0SARI>')).toHaveLength(2);

  await world.happen(reports('ledger', 'running', '01:31:00'), reports('ledger', 'completed', '01:40:00'));
  await world.happen(...dependents.slice(1).map((id) => reports(id, 'running', '01:45:00')));
  await until(world, '01:52:00', round);
  expect(await called(world)).toEqual([
    '✅ billing / ledger did not start, began 01:31 WIB, 1 h 01 min late',
    'billing / report-00 did not start: due 01:00 WIB, nothing had begun by 01:50 WIB',
  ]);
});

test('a job that is overdue and then fails is not over with a check mark', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  await world.happen(
    registers('payroll', expecting({ finish_within_minutes: 5 })),
    reports('payroll', 'running', '01:01:00'),
  );
  const { round } = world.replica();
  await until(world, '01:07:00', round);
  await world.happen(reports('payroll', 'failed', '01:08:00'));
  await until(world, '01:10:00', round);
  expect(await called(world)).toEqual(['❌ billing / payroll is overdue, failed 01:08 WIB']);
});

test('a result that was called stays called after a restart, until a run is right', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  await world.happen(registers('export', expecting({ results: [{ path: 'rows', at_least: 1 }] })), {
    ...reports('export', 'completed', '01:01:00'),
    metadata: '{"rows":0}',
  });
  const { round } = world.replica();
  await until(world, '01:05:00', round);
  const said = ['billing / export did not do its work: due 01:00 WIB: rows is 0, not at least 1'];
  expect(await called(world)).toEqual(said);
  // A consumer that has just begun does not know yet how far has been read.
  world.restart();
  await world.alive(null);
  await world.replica().round();
  expect(await called(world)).toEqual(said);
  await world.alive();
  await world.happen({ ...reports('export', 'completed', '01:06:00'), metadata: '{"rows":1}' });
  await until(world, '01:12:00', round);
  expect(await called(world)).toEqual(['✅ billing / export did not do its work, recovered 01:06 WIB']);
});

test('a job that completed without its work names nobody that waits for its next day', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  await world.happen(
    registers('export', expecting({ results: [{ path: 'rows', at_least: 1 }] })),
    registers('report', expecting({ schedule: '30 1 * * *', depends_on: ['export'] })),
    { ...reports('export', 'completed', '01:01:00'), metadata: '{"rows":0}' },
  );
  const { round } = world.replica();
  await until(world, '01:10:00', round);
  const [unmet, ...others] = await alerts(world);
  expect(others).toEqual([]);
  expect(unmet?.text).toContain('did not do its work');
  expect(textsOf(unmet ?? {}).join('\n')).not.toContain('waits for it');
});

test('a failure of a slot is over when a run of that slot completes, not when a run of another day does', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  const failure = reports('payroll', 'failed', '01:05:00');
  await world.happen(registers('payroll', expecting({})), reports('payroll', 'running', '01:01:00'), failure);
  await createAlert(
    world.store,
    failure,
    alertKey(failure, nightKey(eod, '2099-11-24')),
    failure.occurred_at,
  );
  const { round } = world.replica();
  await until(world, '01:17:00', round);
  expect(await called(world)).toEqual(['billing / payroll failed 01:05 WIB: disk full']);
  const other = { business_date: '2099-11-23' };
  await world.happen(
    { ...reports('payroll', 'running', '01:20:00'), ...other },
    { ...reports('payroll', 'completed', '01:25:00'), ...other },
  );
  await until(world, '01:28:00', round);
  expect(await called(world)).toEqual(['billing / payroll failed 01:05 WIB: disk full']);
  await world.happen(reports('payroll', 'running', '01:30:00'), reports('payroll', 'completed', '01:35:00'));
  await until(world, '01:37:00', round);
  expect(await called(world)).toEqual([
    '✅ billing / payroll failed 01:05 WIB, recovered 01:35 WIB after 30 min: disk full',
  ]);
});

test('a failure in maintenance is shown and calls nobody', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  const failure = reports('payroll', 'failed', '01:05:00');
  const planned: RondaEvent = {
    ...{ v: 1, type: 'maintenance_planned', scheduler_id: 'maintenance/one', by: 'sari' },
    ...{ event_id: idOf(71), occurred_at: utc(wib('00:30:00')) },
    maintenance: JSON.stringify({
      services: ['billing'],
      ...{ from: utc(wib('01:00:00')), until: utc(wib('02:00:00')), reason: 'new disks' },
    }),
  };
  await world.happen(registers('payroll'), failure, planned);
  await createAlert(
    world.store,
    failure,
    alertKey(failure, nightKey(eod, '2099-11-24')),
    failure.occurred_at,
  );
  const { round } = world.replica();
  await until(world, '01:20:00', round);
  expect(await called(world)).toEqual([]);
  const [board] = await world.shown('/board/');
  expect(textsOf(board ?? {}).join('\n')).toContain('disk full');
});

test('without expectations nothing more is read', async () => {
  const world = await openWorld(wib('00:55:00'));
  await world.alive();
  await world.happen(registers('payroll'));
  const asked: string[] = [];
  const { client } = world.store;
  client.middlewareStack.add(
    (next) => (args) => {
      asked.push(JSON.stringify(args.input));
      return next(args);
    },
    { step: 'initialize', name: 'counted' },
  );
  const { round } = world.replica();
  await until(world, '01:05:00', round);
  client.middlewareStack.remove('counted');
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((input) => /rules|history/.test(input))).toEqual([]);
});
