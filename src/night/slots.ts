import type { Effective } from '../../projections/rules.ts';
import { gapMinutes, readCron } from '../events/cron.ts';
import { nightly, type Expectation } from '../events/expectation.ts';
import type { Calendar } from '../events/rules.ts';
import { businessDayBefore, holidayOn, isOutermost, isWeekday } from './business-days.ts';
import { addDays, instantOf, localDate } from './local-time.ts';
import { nightAt, nightOn, type NightWindow } from './night.ts';

/** What is expected of one scheduler, and by what. */
export type Expected = {
  readonly scheduler_id: string;
  /** All that ever was in force, oldest first. */
  readonly expectations: readonly Effective<Expectation>[];
  /** Of a calendar's name all versions, oldest first. */
  readonly calendars: (name: string) => readonly Effective<Calendar>[];
  /** The board that has its alerts. */
  readonly board: NightWindow;
};

/** One time at which a job is due. Instants are ms UTC, Ronda's time; dates `yyyy-MM-dd`. */
export type Slot = {
  readonly scheduler_id: string;
  readonly at: number;
  /** Of its night where it lies in its board's window, else its local date. */
  readonly date: string;
  /** What its runs carry. */
  readonly businessDate: string;
  /** Until when its run may begin in time, and until when it is to end, as the expectation says it. */
  readonly startBy: number;
  readonly finishBy: number | null;
  /** When it counts as missed: at the next slot, at most 12 h later. */
  readonly missedAt: number;
  readonly expectation: Expectation;
  /** The events that set its expectation and its calendar. */
  readonly ruleIds: readonly string[];
  /** The holiday that excuses it. */
  readonly holiday: string | null;
  /** When its expectation was taken away, if it was. */
  readonly takenAwayAt: number | null;
};

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** So long after its slot a run still belongs to it. */
export const reachMs = 12 * hourMs;
const defaultGraceMinutes = 15;

/** The slots of a scheduler from an instant to before another, oldest first. Pure. */
export function slotsBetween(expected: Expected, from: number, to: number): Slot[] {
  // A slot counts as missed when the next one comes: that may lie beyond.
  const found = inForce(expected.expectations).flatMap((period) => {
    const [first, last] = [Math.max(from, period.from), Math.min(to + reachMs, period.to)];
    return first < last ? slotsOf(expected, period, first, last) : [];
  });
  return found
    .map((slot, index) => ({
      ...slot,
      missedAt: Math.min(found[index + 1]?.at ?? Infinity, slot.at + reachMs),
    }))
    .filter(({ at }) => at < to);
}

type Period = {
  readonly from: number;
  readonly to: number;
  readonly expectation: Expectation;
  readonly id: string;
  readonly takenAwayAt: number | null;
};

/** Each expectation with the time in which it was in force. */
function inForce(expectations: readonly Effective<Expectation>[]): Period[] {
  return expectations.flatMap(({ at, id, value }, index): Period[] => {
    const next = expectations[index + 1];
    const away = expectations.slice(index + 1).find((one) => one.value === null);
    return value === null
      ? []
      : [{ from: at, to: next?.at ?? Infinity, expectation: value, id, takenAwayAt: away?.at ?? null }];
  });
}

function slotsOf(expected: Expected, period: Period, from: number, to: number): Slot[] {
  const { board, scheduler_id } = expected;
  const { expectation, id, takenAwayAt } = period;
  const { schedule, timezone: zone = board.zone } = expectation;
  const { instants, graceMs } =
    schedule === nightly
      ? nightStarts(board, from, to, expectation)
      : cronTimes(schedule, zone, from, to, expectation);
  return instants.flatMap((at): Slot[] => {
    const night = nightAt(at, board);
    const date = at < night.end ? night.date : localDate(at, zone);
    const calendar = calendarAt(expected, expectation, at);
    if (!isChosen(date, expectation, calendar?.value ?? undefined)) return [];
    const days = calendar?.value ?? undefined;
    return [
      {
        ...{ scheduler_id, at, date, expectation, takenAwayAt },
        businessDate: expectation.business_date === 'previous' ? businessDayBefore(date, days) : date,
        startBy: at + graceMs(at),
        finishBy: finishOf(expectation, at, zone),
        missedAt: at + reachMs,
        ruleIds: calendar === undefined ? [id] : [id, calendar.id],
        holiday: holidayOn(date, days) ?? null,
      },
    ];
  });
}

type Times = { readonly instants: readonly number[]; readonly graceMs: (at: number) => number };

function nightStarts(
  board: NightWindow,
  from: number,
  to: number,
  { start_within_minutes }: Expectation,
): Times {
  const instants: number[] = [];
  for (let night = nightAt(from, board); night.start < to; night = nightOn(addDays(night.date, 1), board)) {
    if (night.start >= from) instants.push(night.start);
  }
  return {
    instants,
    graceMs: (at) => {
      const { start, end } = nightAt(at, board);
      return start_within_minutes === undefined ? end - start : start_within_minutes * minuteMs;
    },
  };
}

/**
 * A time that a change of clocks skips is as long after the change; one that occurs twice counts once, the first
 * (`instantOf`).
 */
function cronTimes(
  schedule: string,
  zone: string,
  from: number,
  to: number,
  { start_within_minutes }: Expectation,
): Times {
  const cron = readCron(schedule);
  if (typeof cron === 'string') return { instants: [], graceMs: () => 0 };
  const instants = new Set<number>();
  const last = addDays(localDate(to, zone), 1);
  for (let date = addDays(localDate(from, zone), -1); date <= last; date = addDays(date, 1)) {
    if (!cron.fallsOn(date)) continue;
    for (const time of cron.times) {
      const at = instantOf(date, time, zone);
      if (at >= from && at < to) instants.add(at);
    }
  }
  const grace = start_within_minutes ?? Math.min(defaultGraceMinutes, gapMinutes(cron) / 2);
  return { instants: [...instants].sort((a, b) => a - b), graceMs: () => grace * minuteMs };
}

function calendarAt(
  { calendars }: Expected,
  { calendar }: Expectation,
  at: number,
): Effective<Calendar> | undefined {
  return calendar === undefined ? undefined : calendars(calendar).findLast((one) => one.at <= at);
}

function isChosen(date: string, { days = 'all' }: Expectation, calendar: Calendar | undefined): boolean {
  switch (days) {
    case 'all':
      return true;
    case 'business':
      return isWeekday(date, calendar);
    case 'month-start':
      return isOutermost(date, calendar, -1);
    case 'month-end':
      return isOutermost(date, calendar, 1);
    default:
      return true;
  }
}

/** A local time is the next one after the slot. */
function finishOf(
  { finish_by, finish_within_minutes }: Expectation,
  at: number,
  zone: string,
): number | null {
  if (finish_within_minutes !== undefined) return at + finish_within_minutes * minuteMs;
  if (finish_by === undefined) return null;
  const date = localDate(at, zone);
  const today = instantOf(date, finish_by, zone);
  return today > at ? today : instantOf(addDays(date, 1), finish_by, zone);
}
