import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HistoryEntry } from '../../projections/history.ts';
import { verdictsOf, type Judge } from '../../src/night/verdicts.ts';
import { entry, subject, wib } from './expected.ts';

/** Whatever jobs do, whatever is expected of them, and whenever it is asked. */

const minute = 60_000;
const ids = ['a', 'b', 'c'] as const;
const instant = fc.integer({ min: 0, max: 2_800 }).map((n) => wib('00:00') + n * minute);

const entries = fc.array(
  fc
    .record({
      status: fc.constantFrom(
        'pending' as const,
        'running' as const,
        'completed' as const,
        'failed' as const,
      ),
      at: instant,
      run_id: fc.constantFrom(null, null, 'x', 'y'),
      business_date: fc.constantFrom(null, null, null, '2026-11-22', '2026-11-23'),
    })
    .map(({ status, at, ...fields }) => entry(status, at, fields)),
  { maxLength: 8 },
);
const expectations = fc.record({
  schedule: fc.constantFrom('0 1 * * *', '0 1,3 * * *', '*/30 * * * *', 'night'),
  start_within_minutes: fc.constantFrom(5, 14),
  finish_within_minutes: fc.constantFrom(20, 90),
  depends_on: fc.subarray([...ids]),
  business_date: fc.constantFrom('same' as const, 'previous' as const),
});
const span = fc
  .tuple(instant, fc.integer({ min: 1, max: 90 }))
  .map(([from, n]) => ({ from, to: from + n * minute }));
const world = fc.record({
  jobs: fc.tuple(...ids.map(() => fc.tuple(expectations, entries))),
  gaps: fc
    .array(span, { maxLength: 2 })
    .filter(([a, b]) => a === undefined || b === undefined || a.to < b.from),
  maintenance: fc.option(span, { nil: null }),
  now: instant,
  behind: fc.integer({ min: 0, max: 60 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function judged(
  { jobs, gaps, maintenance, now, behind }: World,
  change: (all: readonly HistoryEntry[], n: number) => readonly HistoryEntry[] = (all) => all,
  over: Partial<Judge> = {},
) {
  const subjects = jobs.map(([fields, all], n) =>
    subject(fields, change(all, n), {
      scheduler_id: ids[n] ?? '',
      maintenances:
        maintenance === null
          ? []
          : [{ id: 'm', plannedAt: 0, from: maintenance.from, until: maintenance.to, reason: 'disks' }],
    }),
  );
  const judge = { now, judgedAt: now - behind * minute, unapplied: new Map<string, string>(), gaps, ...over };
  const verdicts = verdictsOf(subjects, judge);
  return ids.flatMap((id) => verdicts.of(id));
}
const short = (all: ReturnType<typeof judged>) =>
  all.map(({ slot, verdict, flags }) => [slot.scheduler_id, slot.at, verdict, flags]);

test('each slot has one verdict, and they add up', () => {
  fc.assert(
    fc.property(world, (w) => {
      const all = judged(w);
      const slots = new Set(all.map(({ slot }) => `${slot.scheduler_id} ${slot.at}`));
      expect(all).toHaveLength(slots.size);
    }),
    { numRuns: 50 },
  );
});

test('order and number of the events never matter', () => {
  fc.assert(
    fc.property(world, (w) => {
      expect(short(judged(w, (all) => [...all.toReversed(), ...all]))).toEqual(short(judged(w)));
    }),
    { numRuns: 50 },
  );
});

test('a verdict is unknown exactly while a deadline has passed by the clock and not by what has been heard', () => {
  fc.assert(
    fc.property(world, (w) => {
      const now = judged(w, undefined, { judgedAt: w.now });
      const heard = judged(w, undefined, {
        now: w.now - w.behind * minute,
        judgedAt: w.now - w.behind * minute,
      });
      judged(w).forEach(({ verdict }, n) => {
        const byClock = now[n]?.verdict;
        expect(verdict).toBe(byClock === heard[n]?.verdict ? byClock : 'unknown');
      });
    }),
    { numRuns: 50 },
  );
});

test('an event changes no verdict of a slot that its time cannot reach', () => {
  fc.assert(
    fc.property(world, instant, fc.constantFrom(...ids), (w, at, id) => {
      // A run that names its day belongs to it, however far that is.
      const undated = (all: readonly HistoryEntry[]) => all.map((one) => ({ ...one, business_date: null }));
      const more = (all: readonly HistoryEntry[], n: number) =>
        ids[n] === id ? [...undated(all), entry('running', at)] : undated(all);
      const [before, after] = [judged(w, undated), judged(w, more)];
      before.forEach((one, n) => {
        const { slot } = one;
        // For 12 h after its slot a run may still belong to it, and one that has begun goes on until it ends.
        const isOver = one.run === null || (one.run.endedAt ?? Infinity) < at;
        if (isOver && at > slot.at + 13 * 60 * minute && slot.scheduler_id === id)
          expect(after[n]?.verdict).toBe(one.verdict);
      });
    }),
    { numRuns: 50 },
  );
});
