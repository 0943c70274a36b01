import type { RecordedEvent } from '../../src/events/event.ts';
import { expectationText, readExpectation, type Expectation } from '../../src/events/expectation.ts';
import type { Calendar } from '../../src/events/rules.ts';
import { utc } from '../../src/events/time.ts';
import type { Gap } from '../../src/night/coverage.ts';
import { addDays } from '../../src/night/local-time.ts';
import { nightOn, type NightWindow } from '../../src/night/night.ts';
import { slotsBetween, type Slot } from '../../src/night/slots.ts';
import { randomFrom, type Random } from '../../src/simulate/random.ts';
import { idOf, recorded, registration, status } from '../support/events.ts';

/**
 * A night of which the truth is known: what is expected of each job, which run was for which slot, when each report of
 * it was accepted and when it was applied, and when nobody was there. All instants are ms UTC.
 */

export const minute = 60_000;
export const hour = 60 * minute;

/** A report, with when the ingress accepted it and when the consumer applied it. */
export type Arrival = { readonly accepted: number; readonly applied: number; readonly event: RecordedEvent };

/** A run, as its reports tell it. */
export type TrueRun = {
  /** The slot that it was for; null: none of the night's. */
  readonly slot: Slot | null;
  readonly begins: Arrival;
  /** Absent: it died. */
  readonly ends?: Arrival | undefined;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly status: 'running' | 'completed' | 'failed';
  readonly duration: number;
  readonly rows: number;
  /** The beginning of the next one of a job without ids. */
  abandonedBy: Arrival | null;
};

export type TrueMaintenance = {
  readonly job: string;
  readonly from: number;
  readonly until: number;
  readonly event: RecordedEvent;
};

export type TrueJob = {
  readonly id: string;
  readonly expectation: Expectation;
  readonly registered: RecordedEvent;
  readonly slots: readonly Slot[];
  readonly runs: readonly TrueRun[];
  readonly maintenance: TrueMaintenance | null;
};

export type ExpectedNight = {
  readonly board: NightWindow;
  readonly date: string;
  readonly from: number;
  readonly until: number;
  readonly calendar: RecordedEvent;
  readonly jobs: readonly TrueJob[];
  /** Whole outages of ours. */
  readonly gaps: readonly Gap[];
  /** Everything that arrives, doubles and all, in no order. */
  readonly arrivals: readonly Arrival[];
};

/** Nights on which clocks change, and plain ones. */
const places: readonly (readonly [zone: string, date: string])[] = [
  ['Asia/Jakarta', '2026-11-23'],
  ['Asia/Jakarta', '2026-05-29'],
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-11-01'],
  ['America/New_York', '2026-03-08'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['UTC', '2026-12-31'],
];
const schedules = [
  '30 0 * * *',
  '0 1 * * *',
  '0 1,3 * * *',
  '*/30 0-4 * * *',
  '*/15 2 * * *',
  'night',
  '15 2 * * *',
  '0 22 * * *',
];

/** The same night for the same seed. */
export function expectedNight(seed: number): ExpectedNight {
  const random = randomFrom(seed);
  const [zone, date] = random.pick(places);
  const board = { zone, window: '00:00-06:00' };
  const night = nightOn(date, board);
  const [from, until] = [night.start - 6 * hour, night.start + 36 * hour];
  const gaps = gapsOf(random, night.start);
  const isHoliday = random.chance(0.2);
  const bank: Calendar = {
    weekend: random.chance(0.5) ? ['sat', 'sun'] : ['fri'],
    holidays: isHoliday ? [{ date, name: 'a feast' }] : [],
    workdays: random.chance(0.2) ? [date] : [],
  };
  let events = 0;
  const nextId = (): string => idOf((events += 1));
  const laidAt = utc(from - 48 * hour);
  const calendar = recorded({
    ...{
      v: 1,
      type: 'calendar_set',
      scheduler_id: 'calendar/bank',
      occurred_at: laidAt,
      event_id: nextId(),
      by: 'sari',
    },
    calendar: JSON.stringify(bank),
  });

  const jobs: TrueJob[] = [];
  for (let n = 0; n < 4 + random.below(6); n += 1) {
    const id = `job-${n}`;
    const text = expectationText.parse(expectationOf(random, jobs));
    const expectation = readExpectation(text);
    if (expectation === undefined) throw new Error('it was written by this program');
    const registered = recorded(
      registration({
        scheduler_id: id,
        job_name: id,
        occurred_at: laidAt,
        event_id: nextId(),
        expectation: text,
      }),
    );
    const slots = slotsBetween(
      {
        scheduler_id: id,
        expectations: [{ at: Date.parse(laidAt), id: registered.event.event_id, value: expectation }],
        calendars: () => [{ at: Date.parse(laidAt), id: calendar.event.event_id, value: bank }],
        board,
      },
      from - 30 * hour,
      until + 30 * hour,
    );
    const tonight = slots.filter((slot) => slot.date === date || slot.date === addDays(date, -1));
    const maintenance = maintenanceOf(random, id, tonight, nextId());
    const runs = runsOf(random, id, tonight, slots, date, gaps, nextId);
    jobs.push({ id, expectation, registered, slots, runs, maintenance });
  }
  const reports = jobs.flatMap(({ runs }) =>
    runs.flatMap(({ begins, ends }) => [begins, ...(ends === undefined ? [] : [ends])]),
  );
  const doubles = reports.flatMap((one) =>
    random.chance(0.1) ? [{ ...one, applied: one.applied + random.below(10 * minute) }] : [],
  );
  return {
    board,
    date,
    from,
    until,
    calendar,
    jobs,
    gaps,
    arrivals: random.shuffled([...reports, ...doubles]),
  };
}

function gapsOf(random: Random, start: number): Gap[] {
  const gaps: Gap[] = [];
  let at = start - hour;
  while (random.chance(0.5)) {
    const from = at + (20 + random.below(180)) * minute;
    const to = from + (1 + random.below(40)) * minute;
    gaps.push({ from, to });
    at = to;
  }
  return gaps;
}

function expectationOf(random: Random, jobs: readonly TrueJob[]): object {
  const schedule = random.pick(schedules);
  const often = schedule.startsWith('*/15') ? 7 : schedule.startsWith('*/30') ? 14 : 40;
  const upstreams = jobs.filter(() => random.chance(0.2)).map(({ id }) => id);
  return {
    schedule,
    ...(random.chance(0.3)
      ? { days: random.pick(['business', 'month-end', 'month-start', 'all']), calendar: 'bank' }
      : {}),
    ...(random.chance(0.2) ? { business_date: 'previous' } : {}),
    ...(schedule === 'night' && random.chance(0.5)
      ? {}
      : { start_within_minutes: 2 + random.below(often - 2) }),
    ...(random.chance(0.4) ? { finish_within_minutes: 20 + random.below(120) } : {}),
    ...(random.chance(0.2) ? { min_duration_ms: 2 * minute } : {}),
    ...(random.chance(0.2) ? { max_duration_ms: 25 * minute } : {}),
    ...(random.chance(0.2) ? { results: [{ path: 'rows', at_least: 1 }] } : {}),
    ...(upstreams.length > 0 ? { depends_on: upstreams } : {}),
  };
}

function maintenanceOf(
  random: Random,
  job: string,
  slots: readonly Slot[],
  event_id: string,
): TrueMaintenance | null {
  if (!random.chance(0.15) || slots.length === 0) return null;
  const slot = random.pick(slots);
  const from = slot.at + (random.below(40) - 25) * minute;
  const until = from + (10 + random.below(90)) * minute;
  const event = recorded({
    ...{ v: 1, type: 'maintenance_planned', scheduler_id: `maintenance/${job}`, event_id, by: 'sari' },
    occurred_at: utc(slot.at - 40 * hour),
    maintenance: JSON.stringify({
      scheduler_ids: [job],
      from: utc(from),
      until: utc(until),
      reason: 'new disks',
    }),
  });
  return { job, from, until, event };
}

/** A client that holds reports back sends them in their order. */
function inOrder(end: Arrival, begin: Arrival): Arrival {
  const accepted = Math.max(end.accepted, begin.accepted + 1);
  const event = recorded(end.event.event, { accepted_at: utc(accepted) });
  return { accepted, applied: Math.max(end.applied, accepted + 1), event };
}

/** Runs of slots, in order: without ids they never overlap, with ids they may. */
function runsOf(
  random: Random,
  id: string,
  slots: readonly Slot[],
  all: readonly Slot[],
  date: string,
  gaps: readonly Gap[],
  nextId: () => string,
): TrueRun[] {
  const hasIds = random.chance(0.4);
  const says = random.chance(0.3);
  const isDead = random.chance(0.1);
  // Up to 4 minutes ahead or behind: what a run is judged by is what it says.
  const skew = (random.below(9) - 4) * minute;
  const runs: TrueRun[] = [];
  let free = -Infinity;
  const add = (slot: Slot | null, begin: number, businessDate: string | null): void => {
    const open = runs.at(-1);
    const took = Math.floor((0.5 + random.below(60) * 0.7) * minute);
    const rows = random.chance(0.2) ? 0 : 17;
    const dies = random.chance(0.05);
    const ending = random.chance(0.15) ? 'failed' : 'completed';
    const run_id = hasIds ? `run-${runs.length}` : null;
    const fields = { scheduler_id: id, job_name: id, run_id, business_date: businessDate } as const;
    const report = (at: number, more: object): Arrival => {
      const event = status({ ...fields, ...more, occurred_at: utc(at), event_id: nextId() });
      // What is sent while nobody is there is sent again; a spool may hold it for long.
      const sent = at - skew + random.below(3_000) + (random.chance(0.05) ? random.below(12 * minute) : 0);
      const gap = gaps.find((one) => sent >= one.from && sent < one.to);
      const accepted = gap === undefined ? sent : gap.to + 1_000 + random.below(20_000);
      const queued = random.chance(0.1) ? random.below(4 * minute) : random.below(2_000);
      const reaches = accepted + queued;
      const away = gaps.find((one) => reaches >= one.from && reaches < one.to);
      const applied = away === undefined ? reaches : away.to + 1_000 + random.below(20_000);
      return { accepted, applied, event: recorded(event, { accepted_at: utc(accepted) }) };
    };
    const end = begin + took;
    const error_message = ending === 'failed' ? 'disk full' : null;
    const begins = report(begin, { status: 'running' });
    const reported = dies
      ? undefined
      : report(end, { status: ending, error_message, metadata: JSON.stringify({ rows }) });
    // A client that holds reports back sends them in their order.
    const ends = reported === undefined ? undefined : inOrder(reported, begins);
    const shown = {
      startedAt: begin,
      endedAt: dies ? null : end,
      status: dies ? 'running' : ending,
    } as const;
    // A run that names its day is of that day’s slot, of several of the nearest.
    const named = all.filter((one) => one.businessDate === businessDate);
    const nearest = named.toSorted((a, b) => Math.abs(a.at - begin) - Math.abs(b.at - begin))[0];
    if (!hasIds && open !== undefined) open.abandonedBy = begins;
    runs.push({ slot: nearest ?? slot, begins, ends, ...shown, duration: took, rows, abandonedBy: null });
    free = dies ? begin : end;
  };
  slots.forEach((slot, n) => {
    const next = slots[n + 1]?.at ?? Infinity;
    const gap = Math.min(next - slot.at, 12 * hour);
    if (isDead || random.chance(0.25)) return;
    const businessDate = says || slot.expectation.business_date === 'previous' ? slot.businessDate : null;
    const before = slot.at - (slots[n - 1]?.at ?? -Infinity);
    const early = Math.min(gap, before) > 2 * hour && random.chance(0.2) ? -random.below(25) * minute : 0;
    const lateness = random.chance(0.3)
      ? random.below(Math.floor((gap * 0.4) / minute)) * minute
      : random.below(3) * minute;
    // Twelve hours after its slot a run belongs to no slot.
    const last = Math.min(
      slot.at + gap / 2 - 2 * minute,
      next - 31 * minute < slot.at ? slot.at + gap / 2 - 2 * minute : next - 31 * minute,
    );
    const first = Math.max(slot.at + early + lateness, hasIds ? -Infinity : free + minute);
    if (first > last) return;
    add(slot, first, businessDate);
    if (random.chance(0.2)) {
      const again = Math.max(free + minute, first + minute);
      if (again <= last) add(slot, again, businessDate);
    }
  });
  // Yesterday's night, caught up: a run that says so is none of tonight's.
  const before = slots.filter((slot) => slot.businessDate !== date && slot.date !== date);
  const target = before.at(-1);
  if (target !== undefined && random.chance(0.3)) {
    const at = Math.max(free + minute, target.at + 20 * hour);
    add(target, at, target.businessDate);
  }
  return runs;
}

/**
 * When so much time has passed since an instant in which somebody was there, a maintenance counting to its end: found by
 * walking through time, not as verdicts find it.
 */
export function after(
  ms: number,
  since: number,
  gaps: readonly Gap[],
  maintenance: TrueMaintenance | null,
): number {
  let [left, at] = [ms, since];
  for (const { from, to } of gaps) {
    if (to <= at) continue;
    const covered = Math.max(0, from - at);
    if (covered >= left) break;
    left -= covered;
    at = Math.max(at, to);
  }
  const end = at + left;
  return maintenance !== null && maintenance.from <= end && end < maintenance.until ? maintenance.until : end;
}
