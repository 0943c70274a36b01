import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../projections/current-state.ts';
import { fromEvent } from '../../projections/history.ts';
import { latestRunTime, runsOf } from '../../src/night/runs.ts';
import { stream } from '../support/arbitraries.ts';
import { at, idOf, recorded, status } from '../support/facts.ts';

test('the row and the history tell the same of how long the latest run took', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const row = fold('payroll', events);
      fc.pre(row.status?.status === 'completed' || row.status?.status === 'failed');
      const entries = events.flatMap((event) => [...fromEvent(event).values()]);
      const { ends } = runsOf(entries, null);
      const end = ends.find(({ id, at }) => id === row.status?.id && at === Date.parse(row.status.at));
      expect(latestRunTime(row)).toBe(end?.duration);
    }),
    { numRuns: 1_000 },
  );
});

describe('how long a run took', () => {
  const job = (...said: readonly (readonly [string, 'pending' | 'running' | 'completed' | 'failed'])[]) =>
    fold(
      'payroll',
      said.map(([time, state], n) =>
        recorded(status({ status: state, occurred_at: at(`${time}.000`), event_id: idOf(n) })),
      ),
    );

  test.each([
    ['from its start', 600_000, job(['18:00:00', 'running'], ['18:10:00', 'failed'])],
    ['unknown without a start', null, job(['18:10:00', 'failed'])],
    [
      'unknown when its start belongs to a run that completed long before',
      null,
      job(['17:10:00', 'running'], ['17:20:00', 'completed'], ['20:00:00', 'failed']),
    ],
    [
      'unknown when its start belongs to a run that failed long before',
      null,
      job(['17:10:00', 'running'], ['17:20:00', 'failed'], ['20:00:00', 'failed']),
    ],
    [
      'unknown when it was put back',
      null,
      job(['18:00:00', 'running'], ['18:05:00', 'pending'], ['18:10:00', 'failed']),
    ],
  ])('is %s', (_what, ms, row) => {
    expect(latestRunTime(row)).toBe(ms);
  });
});
