import { describe, expect, test } from '@jest/globals';
import type { Judgement } from '../../src/night/verdicts.ts';
import { at, heartbeat, removal } from '../support/events.ts';
import {
  board,
  cell,
  completed,
  failed,
  night,
  ms,
  now,
  pending,
  registered,
  row,
  running,
} from './fixtures.ts';

describe('the state of a cell', () => {
  test.each([
    ['pending', 'a registered job that said nothing', [registered()]],
    ['pending', "yesterday's end", [running('16:00:00.000'), completed('16:59:59.999')]],
    ['pending', "yesterday's failure", [failed('16:59:59.999')]],
    ['completed', 'an end at the very start of the night', [completed('17:00:00.000')]],
    ['failed', 'a failure at the very start of the night', [failed('17:00:00.000')]],
    ['running', 'a run that began tonight', [running('17:00:00.000')]],
    ['running', 'a run that began before the night and has not ended', [running('16:59:59.999')]],
    [
      'running',
      'a run that began after yesterday ended',
      [completed('16:00:00.000'), running('16:30:00.000')],
    ],
    [
      'completed',
      'a run across the start that has ended',
      [running('16:59:00.000'), completed('17:01:00.000')],
    ],
    ['pending', 'a job put back before the night', [running('16:00:00.000'), pending('16:30:00.000')]],
    ['pending', 'a job put back tonight', [completed('17:10:00.000'), pending('17:30:00.000')]],
    ['running', 'a retry after a failure', [failed('17:10:00.000'), running('17:30:00.000')]],
    [
      'completed',
      'a status from a clock that is ahead',
      [running('18:00:00.000'), completed('19:04:59.999')],
    ],
  ])('is %s for %s', (state, _what, events) => {
    expect(cell(events)?.state).toBe(state);
  });

  test('of two statuses at one instant is the one further on', () => {
    expect(cell([running('17:10:00.000'), failed('17:10:00.000'), completed('17:10:00.000')])?.state).toBe(
      'failed',
    );
  });
});

describe('who is on the board', () => {
  test('a removed scheduler is not, until it is registered again', () => {
    const gone = [registered(), running('17:10:00.000'), removal({ occurred_at: at('17:20:00.000') })];
    expect(cell(gone)).toBeUndefined();
    expect(cell([...gone, registered({ occurred_at: at('17:30:00.000') })])).toMatchObject({
      state: 'running',
      registered: true,
    });
  });

  test('one that only sent heartbeats is not, since nothing tells its name', () => {
    expect(cell([heartbeat()])).toBeUndefined();
  });

  test('one that never registered has the names of its latest status', () => {
    const renamed = { ...completed('17:30:00.000'), job_name: 'open-day' };
    expect(cell([running('17:10:00.000'), renamed])).toMatchObject({
      job_name: 'open-day',
      registered: false,
    });
  });

  test('a registered one has the names of its registration, whatever its statuses say', () => {
    const renamed = { ...completed('17:30:00.000'), service_name: 'ledger', job_name: 'open-day' };
    expect(cell([registered(), renamed])).toMatchObject({ service_name: 'billing', job_name: 'close-day' });
  });

  test('only those of the services asked for, by the name that is shown', () => {
    const rows = [
      row('a', registered({ service_name: 'billing' })),
      row('b', registered({ service_name: 'ledger' }), completed('17:30:00.000')),
      row('c', completed('17:30:00.000')),
      row('d', registered({ service_name: 'tax' })),
    ];
    const shown = (services: readonly string[] | null) =>
      board(rows, { services }).cells.map(({ scheduler_id }) => scheduler_id);
    expect(shown(['billing'])).toEqual(['a', 'c']);
    expect(shown(['ledger', 'tax'])).toEqual(['d', 'b']);
    expect(shown([])).toEqual([]);
    expect(shown(null)).toHaveLength(4);
  });
});

describe('a board', () => {
  test('is sorted by what needs a person, then by service, job and id, and counts its cells', () => {
    const named = (service_name: string, job_name = 'j') => ({ service_name, job_name });
    const rows = [
      row('r1', { ...completed('17:10:00.000'), ...named('a') }),
      row('r2', registered(named('a'))),
      row('r3', { ...running('17:10:00.000'), ...named('b') }),
      row('r4', { ...running('17:10:00.000'), ...named('z') }),
      row('r5', { ...failed('17:10:00.000'), ...named('b', 'k') }),
      row('r6', { ...failed('17:10:00.000'), ...named('b', 'j') }),
      row('r8', { ...failed('17:10:00.000'), ...named('B', 'z') }),
      row('r7', { ...failed('17:10:00.000'), ...named('b', 'j') }),
      row('r0', { ...running('17:10:00.000'), ...named('b') }),
    ];
    const { cells, counts } = board(rows, { staleIds: new Set(['r4']) });
    expect(cells.map(({ scheduler_id }) => scheduler_id)).toEqual([
      ...['r8', 'r6', 'r7', 'r5'],
      'r4',
      ...['r0', 'r3'],
      'r2',
      'r1',
    ]);
    expect(counts).toEqual({ failed: 4, late: 0, stale: 1, running: 2, pending: 1, completed: 1 });
  });

  test('without schedulers is empty', () => {
    expect(board([])).toEqual({
      night,
      at: now,
      cells: [],
      notDue: 0,
      counts: { failed: 0, late: 0, stale: 0, running: 0, pending: 0, completed: 0 },
    });
  });
});

describe('a board with expectations', () => {
  const expects = (schedule: string) => registered({ expectation: JSON.stringify({ schedule }) });
  /** 01:00 in Jakarta of the night is 18:00 UTC of the day before. */
  const judgement = (fields: Partial<Judgement>, date = night.date): Judgement => ({
    slot: {
      ...{
        scheduler_id: 'payroll',
        at: ms('18:00:00.000'),
        date,
        businessDate: date,
        missedAt: ms('23:00:00.000'),
      },
      ...{ startBy: ms('18:15:00.000'), finishBy: null, expectation: { schedule: '0 1 * * *' }, ruleIds: [] },
      ...{ holiday: null, takenAwayAt: null },
    },
    ...{
      verdict: 'waiting',
      heard: fields.verdict ?? 'waiting',
      flags: [],
      resultHeard: true,
      startBy: ms('18:15:00.000'),
      finishBy: null,
      waitingFor: [],
    },
    ...{ excuse: null, run: null, beganAt: null, decidingEvents: [] },
    ...fields,
  });

  test('shows of one that is due tonight its verdict, whatever it said last', () => {
    const judgementsOf = () => [judgement({ verdict: 'late' })];
    expect(cell([expects('0 1 * * *'), completed('17:05:00.000')], { judgementsOf })).toMatchObject({
      ...{ state: 'late', since: ms('18:00:00.000'), duration: null },
      due: { verdict: 'late', otherRun: true },
    });
  });

  test.each([
    ['has a slot in another night', [judgement({}, '2099-11-25')]],
    ['has none for days', []],
  ])('counts one that is not due tonight: it %s', (_what, judgements) => {
    const rows = [row('monthly', expects('0 1 1 * *')), row('plain', registered())];
    const shown = board(rows, { judgementsOf: (id) => (id === 'monthly' ? judgements : []) });
    expect(shown.cells.map(({ scheduler_id }) => scheduler_id)).toEqual(['plain']);
    expect(shown).toMatchObject({ notDue: 1, counts: { pending: 1 } });
  });

  test('shows one that is not due tonight and runs all the same, and one whose expectation was taken away', () => {
    const rows = [
      row('monthly', expects('0 1 1 * *'), running('17:10:00.000')),
      row('free', registered({ expectation: null })),
    ];
    const shown = board(rows, { judgementsOf: () => [] });
    expect(shown.cells.map(({ scheduler_id, due }) => [scheduler_id, due])).toEqual([
      ['monthly', null],
      ['free', null],
    ]);
    expect(shown.notDue).toBe(0);
  });
});
