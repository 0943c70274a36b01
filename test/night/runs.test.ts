import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../projections/current-state.ts';
import { fromEvent } from '../../projections/history.ts';
import { latestRunTime, runsOf } from '../../src/night/runs.ts';
import { stream } from '../support/arbitraries.ts';

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
