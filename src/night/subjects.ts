import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import type { PlannedMaintenance, Rules } from '../../projections/rules.ts';
import { msOf, utc } from '../events/time.ts';
import { boardFor, type BoardSpec } from './boards.ts';
import type { Gap } from './coverage.ts';
import { jobRunsOf } from './job-runs.ts';
import type { Expected, Slot } from './slots.ts';
import type { Maintenance, Subject } from './verdicts.ts';

/** Gaps oldest first, none twice, none within another. Pure. */
export function mergedGaps(gaps: readonly Gap[]): Gap[] {
  const merged: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || gap.from > last.to) merged.push(gap);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, gap.to) };
  }
  return merged;
}

/**
 * What is judged of one scheduler, as it stood at an instant. Pure.
 * @param entries of its history, those around its slots
 * @param slotsOf `slotsBetween`, with the time that is asked for
 */
export function subjectOf(
  row: CurrentState,
  { expectations, calendars, maintenances }: Rules,
  boards: readonly BoardSpec[],
  entries: readonly HistoryEntry[],
  at: number,
  slotsOf: (expected: Expected) => readonly Slot[],
): Subject {
  const { scheduler_id } = row;
  const service = (row.registration ?? row.status)?.service_name ?? '';
  const board = boardFor(boards, service);
  const removedAt = membership(row) === 'removed' && row.removal !== null ? msOf(row.removal.at) : null;
  const slots = slotsOf({
    scheduler_id,
    expectations: (expectations.get(scheduler_id) ?? []).filter((one) => one.at <= at),
    calendars: (name) => (calendars.get(name) ?? []).filter((one) => one.at <= at),
    board,
  });
  return {
    scheduler_id,
    // Nothing is due of what is not there any more.
    slots: removedAt === null ? slots : slots.filter((slot) => slot.at <= removedAt),
    runs: jobRunsOf(
      entries.filter(({ timestamp }) => msOf(timestamp) <= Math.max(at, msOf(row.status?.at ?? utc(0)))),
    ),
    maintenances: maintenances
      .filter(({ value }) => isIn(value, scheduler_id, service))
      .flatMap((one) => planned(one, at)),
    removedAt,
    updatedAt: row.updated === null ? 0 : msOf(row.updated.accepted_at),
  };
}

function isIn(
  { scheduler_ids, services }: PlannedMaintenance['value'],
  id: string,
  service: string,
): boolean {
  return scheduler_ids?.includes(id) === true || services?.includes(service) === true;
}

function planned({ event_id, plannedAt, endedAt, value }: PlannedMaintenance, at: number): Maintenance[] {
  if (plannedAt > at) return [];
  const until = msOf(value.until);
  const ended = endedAt === null || endedAt > at ? until : Math.min(until, endedAt);
  const from = msOf(value.from);
  return ended <= from ? [] : [{ id: event_id, plannedAt, from, until: ended, reason: value.reason }];
}

/** The maintenance that a scheduler is in at an instant. Pure. */
export function maintenanceAt(
  { maintenances }: Rules,
  id: string,
  service: string,
  at: number,
): Maintenance | undefined {
  return maintenances
    .filter(({ value }) => isIn(value, id, service))
    .flatMap((one) => planned(one, at))
    .find(({ from, until }) => from <= at && at < until);
}
