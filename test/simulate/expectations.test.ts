import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { z } from 'zod';
import { fromEvent, type HistoryEntry } from '../../projections/history.ts';
import { expectationText, readExpectation, type Expectation } from '../../src/events/expectation.ts';
import { readMessage } from '../../src/queue/message.ts';
import { jobRunsOf } from '../../src/night/job-runs.ts';
import { slotsBetween } from '../../src/night/slots.ts';
import { verdictsOf, type Judgement } from '../../src/night/verdicts.ts';
import { fleetNight, nightMs, type FleetEvent } from '../../src/simulate/fleet.ts';
import { bodyOf } from '../../src/simulate/routes.ts';
import { allVouched, recorded } from '../support/events.ts';
import { seeds, start } from './night.ts';

/** What the fleet expects of itself, judged as Ronda judges it. */

const end = start + nightMs;
const board = { zone: 'Asia/Jakarta', window: '00:00-06:00' };

const registrationsOf = (events: readonly FleetEvent[]) =>
  events.flatMap(({ at, report }) => (report.type === 'register' ? [{ at, report }] : []));

function kept(expectation: Expectation | undefined): Expectation {
  const read = readExpectation(expectationText.parse(expectation));
  if (read === undefined) throw new Error('it was written by this program');
  return read;
}

/** The verdict of every job's slot of the night, as it ends. */
function judged(events: readonly FleetEvent[]): (Judgement & { readonly id: string })[] {
  const histories = Map.groupBy(
    events.flatMap((event): HistoryEntry[] => {
      const sentAt = new Date(event.at).toISOString();
      const read = readMessage({ body: bodyOf(event), messageId: 'm-1', sentAt, vouched: allVouched });
      if (!read.ok) throw new Error(read.issues.join());
      return [...fromEvent(recorded(read.value.event)).values()];
    }),
    ({ scheduler_id }) => scheduler_id,
  );
  const subjects = registrationsOf(events).map(({ at, report: { scheduler_id, expectation } }) => ({
    scheduler_id,
    slots: slotsBetween(
      {
        ...{ scheduler_id, board, calendars: () => [] },
        expectations: [{ at, id: 'rule', value: kept(expectation) }],
      },
      start - nightMs,
      end,
    ),
    runs: jobRunsOf(histories.get(scheduler_id) ?? []),
    ...{ maintenances: [], removedAt: null, updatedAt: 0 },
  }));
  const verdicts = verdictsOf(subjects, { now: end, judgedAt: end, unapplied: new Map(), gaps: [] });
  return subjects.flatMap(({ scheduler_id: id }) =>
    verdicts.of(id).map((judgement) => ({ ...judgement, id })),
  );
}

describe('whatever the seed, a night of 40', () => {
  test('has one slot for each job: one does not start, one begins 45 min late, one is too fast and empty', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = judged(fleetNight({ seed, start }));
        expect(new Set(all.map(({ id }) => id)).size).toBe(40);
        const counts = Map.groupBy(all, ({ verdict }) => verdict);
        expect([...counts].map(([verdict, own]) => [verdict, own.length]).toSorted()).toEqual([
          ['completed', 33],
          ['failed', 5],
          ['late', 1],
          ['running', 1],
        ]);
        const flagged = all.filter(({ flags }) => flags.length > 0);
        expect(flagged.map(({ flags }) => flags).toSorted()).toEqual([
          ['began_late'],
          ['too_short', 'unmet'],
        ]);
        const late = flagged.find(({ flags }) => flags.includes('began_late'));
        const minutes = ((late?.beganAt ?? NaN) - (late?.slot.at ?? NaN)) / 60_000;
        expect(Math.floor(minutes)).toBe(45);
      }),
      { numRuns: 25 },
    );
  });
});

test('a night that passes faster than clocks do expects nothing', () => {
  const fast = registrationsOf(fleetNight({ seed: 1, start, window: nightMs / 240 }));
  expect(fast.filter(({ report }) => report.expectation !== undefined)).toEqual([]);
});

test('examples/demo-fleet.yaml is the fleet of the demo', () => {
  const file = new URL('../../examples/demo-fleet.yaml', import.meta.url);
  const { schedulers } = z
    .strictObject({ schedulers: z.array(z.unknown()) })
    .parse(parse(readFileSync(file, 'utf8')));
  const registrations = registrationsOf(fleetNight({ seed: 1, start })).map(
    ({ report: { type, ...fields } }) => fields,
  );
  const said: unknown = JSON.parse(JSON.stringify(registrations));
  const sorted = z.array(z.looseObject({ scheduler_id: z.string() })).parse(said);
  expect(schedulers).toEqual(sorted.toSorted((a, b) => (a.scheduler_id < b.scheduler_id ? -1 : 1)));
});
