import type { HistoryEntry } from '../../projections/history.ts';
import { expectationText, readExpectation, type Expectation } from '../../src/events/expectation.ts';
import { jobRunsOf } from '../../src/night/job-runs.ts';
import type { NightWindow } from '../../src/night/night.ts';
import { slotsBetween, type Expected, type Slot } from '../../src/night/slots.ts';
import { verdictsOf, type Judge, type Judgement, type Subject } from '../../src/night/verdicts.ts';
import { idOf } from '../support/events.ts';

/** What is expected, to test with. */

export const jakarta: NightWindow = { zone: 'Asia/Jakarta', window: '00:00-06:00' };

/** An instant of a date in Jakarta, ms UTC. */
export function wib(time: string, date = '2026-11-23'): number {
  return Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}+07:00`);
}

/** An expectation as it is kept. */
export function expectation(fields: Partial<Expectation> = {}): Expectation {
  const text = expectationText.parse({ schedule: '0 1 * * *', ...fields });
  const read = readExpectation(text);
  if (read === undefined) throw new Error('it was written by this program');
  return read;
}

export function expected(fields: Partial<Expectation> = {}, more: Partial<Expected> = {}): Expected {
  return {
    scheduler_id: 'payroll',
    expectations: [{ at: 0, id: 'rule', value: expectation(fields) }],
    calendars: () => [],
    board: jakarta,
    ...more,
  };
}

let made = 0;
/** An entry of a history. @param at ms UTC */
export function entry(
  status: HistoryEntry['status'],
  at: number,
  fields: Partial<HistoryEntry> = {},
): HistoryEntry {
  made += 1;
  return {
    scheduler_id: 'payroll',
    id: idOf(made),
    status,
    timestamp: new Date(at).toISOString(),
    execution_time_ms: null,
    error_message: status === 'failed' ? 'disk full' : null,
    metadata: null,
    run_id: null,
    business_date: null,
    ...fields,
  };
}

/** A scheduler to judge, with the slots of three days around 23 November. */
export function subject(
  fields: Partial<Expectation>,
  entries: readonly HistoryEntry[] = [],
  more: Partial<Subject> & { readonly calendars?: Expected['calendars'] } = {},
): Subject {
  const { calendars = () => [], ...others } = more;
  const scheduler_id = others.scheduler_id ?? 'payroll';
  return {
    scheduler_id,
    slots: slotsBetween(
      expected(fields, { scheduler_id, calendars }),
      wib('00:00', '2026-11-22'),
      wib('00:00', '2026-11-25'),
    ),
    runs: jobRunsOf(entries),
    maintenances: [],
    removedAt: null,
    updatedAt: 0,
    ...others,
  };
}

/** At an instant, all that was sent until then heard. */
export function judgeAt(now: number, fields: Partial<Judge> = {}): Judge {
  return { now, judgedAt: now, unapplied: new Map(), gaps: [], ...fields };
}

/** The judgement of the slot that a job has at an instant. */
export function judgementAt(
  slotAt: number,
  judge: Judge,
  subjects: readonly Subject[],
  id = subjects[0]?.scheduler_id ?? '',
): Judgement {
  const found = verdictsOf(subjects, judge)
    .of(id)
    .find(({ slot }) => slot.at === slotAt);
  if (found === undefined) throw new Error(`${id} has no slot at ${new Date(slotAt).toISOString()}`);
  return found;
}

export function timesOf(slots: readonly Slot[], zone: string): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return slots.map(({ at }) => format.format(at));
}
