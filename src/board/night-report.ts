import type { CurrentState } from '../../projections/current-state.ts';
import { utc } from '../events/time.ts';
import type { KnownCoverage } from '../night/assess-coverage.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { Gap } from '../night/coverage.ts';
import type { JobRun } from '../night/job-runs.ts';
import { addDays, localDate } from '../night/local-time.ts';
import { nightOn, type Night } from '../night/night.ts';
import { mergedGaps } from '../night/subjects.ts';
import { verdicts, type Judgement } from '../night/verdicts.ts';
import { schedulerRows } from '../store/projections/scheduler-rows.ts';
import { readGaps } from '../store/state/gap-rows.ts';
import type { Store } from '../store/store.ts';
import { csvOf } from './csv.ts';
import { limitsOf, serviceOf, type BoardSource, type Unreadable } from './read-board.ts';

/** What was due in a night, and what became of it, as it is known at an instant. */
export type NightReading = {
  readonly spec: BoardSpec;
  readonly night: Night;
  /** ms UTC, Ronda's time. */
  readonly at: number;
  /** Times without an ingress or a consumer, oldest first. */
  readonly gaps: readonly Gap[];
  /** Of that night's date, in the order in which they were due. */
  readonly slots: readonly JudgedSlot[];
  /** Schedulers that may be missing. */
  readonly unreadable: readonly Unreadable[];
};

type JudgedSlot = {
  readonly service_name: string;
  readonly job_name: string;
  readonly judgement: Judgement;
};

/** So long gaps in coverage are kept: older nights cannot be judged. */
const keptMs = 30 * 86_400_000;

/**
 * Why nothing true can be said of a night; undefined: something can. Pure.
 * @param date `yyyy-MM-dd`
 * @param now Ronda's time, ms UTC
 */
export function nightIssue(
  date: string,
  spec: BoardSpec,
  { clock, retention }: Pick<Store, 'clock' | 'retention'>,
): string | undefined {
  const now = clock.now();
  const tomorrow = addDays(localDate(now, spec.zone), 1);
  if (date > tomorrow) return `must not lie beyond tomorrow, ${tomorrow}`;
  return nightOn(date, spec).start < now - Math.min(keptMs, retention.historyMs)
    ? 'lies further back than runs and coverage are kept, so nothing true can be said of it'
    : undefined;
}

/**
 * Reads a night by all that is known now: events that came late count, and runs of later days that name its date.
 * @param date `yyyy-MM-dd`, of the local day on which it starts
 * @param coverage what `readCoverage` finds
 */
export async function readNight(
  source: BoardSource,
  spec: BoardSpec,
  date: string,
  coverage: KnownCoverage,
): Promise<NightReading> {
  const { store } = source;
  const night = nightOn(date, spec);
  const next = nightOn(addDays(date, 1), spec);
  const rows = new Map<string, CurrentState>();
  const unreadable: Unreadable[] = [];
  for await (const [id, { state }] of schedulerRows.scanStored(store)) {
    if (state === undefined) unreadable.push({ scheduler_id: id, row: null });
    else rows.set(id, state);
  }
  const at = store.clock.now();
  const gaps = mergedGaps([...(await readGaps(store)), ...coverage.gaps]);
  const facts = { at, rows, limits: limitsOf(source, coverage, at) };
  const judged = await source.verdicts.read(facts, { from: night.start, to: next.start }, gaps);
  const slots = [...rows.values()].flatMap((row) => {
    const names = { service_name: serviceOf(row), job_name: jobOf(row) };
    if (spec.services?.includes(names.service_name) === false) return [];
    const due = judged.of(row.scheduler_id).filter(({ slot }) => slot.date === date);
    return due.map((judgement): JudgedSlot => ({ ...names, judgement }));
  });
  return {
    ...{ spec, night, at, unreadable },
    gaps: gaps.filter(({ from, to }) => to > night.start && from < next.start),
    slots: slots.sort(compareSlots),
  };
}

/** The same, of some services alone. Of what cannot be read nobody knows whose it is. Pure. */
export function partOfNight(reading: NightReading, services: readonly string[]): NightReading {
  const slots = reading.slots.filter(({ service_name }) => services.includes(service_name));
  return { ...reading, slots, unreadable: [] };
}

function jobOf(row: CurrentState): string {
  return (row.registration ?? row.status)?.job_name ?? '';
}

function compareSlots(
  { judgement: { slot: a } }: JudgedSlot,
  { judgement: { slot: b } }: JudgedSlot,
): number {
  return a.at - b.at || (a.scheduler_id < b.scheduler_id ? -1 : 1);
}

/** One slot, as HTTP and the operator's tool tell it. Times are UTC. */
export type SlotView = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly business_date: string;
  readonly slot: string;
  readonly start_by: string;
  readonly finish_by: string | null;
  readonly verdict: Judgement['verdict'];
  readonly flags: Judgement['flags'];
  readonly waiting_for: readonly string[];
  readonly excuse: string | null;
  readonly run: RunView | null;
  readonly deciding_events: readonly string[];
};

/** One run likewise. */
export type RunView = ReturnType<typeof runView>;

export type NightView = {
  readonly night: string;
  readonly board: string;
  readonly zone: string;
  readonly from: string;
  readonly until: string;
  readonly as_of: string;
  /** When there was an ingress and a consumer, as far as the night has come. */
  readonly coverage: readonly { readonly from: string; readonly until: string }[];
  readonly counts: Readonly<Record<string, number>> & { readonly expected: number };
  readonly slots: readonly SlotView[];
  /** Schedulers that may be missing; only where there are any. */
  readonly unreadable?: readonly string[];
};

/** The document of a night: `counts` without `expected` sum to `expected`. Pure. */
export function nightView({ spec, night, at, gaps, slots, unreadable }: NightReading): NightView {
  const count = (verdict: Judgement['verdict']): number =>
    slots.filter(({ judgement }) => judgement.verdict === verdict).length;
  return {
    ...{ night: night.date, board: spec.name, zone: spec.zone },
    ...{ from: utc(night.start), until: utc(night.end), as_of: utc(at) },
    coverage: coveredSpans(gaps, night.start, Math.min(night.end, at)),
    counts: {
      expected: slots.length,
      ...Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])),
    },
    slots: slots.map(slotView),
    ...(unreadable.length === 0 ? {} : { unreadable: unreadable.map(({ scheduler_id }) => scheduler_id) }),
  };
}

/** The times in which there was an ingress and a consumer, between two instants. */
function coveredSpans(gaps: readonly Gap[], from: number, until: number): NightView['coverage'] {
  const starts = [from, ...gaps.map(({ to }) => Math.max(from, to))];
  const ends = [...gaps.map((gap) => Math.min(until, gap.from)), until];
  return starts.flatMap((start, n) => {
    const end = ends[n] ?? until;
    return start < end ? [{ from: utc(start), until: utc(end) }] : [];
  });
}

function slotView({ service_name, job_name, judgement }: JudgedSlot): SlotView {
  const { slot, startBy, finishBy, verdict, flags, waitingFor, excuse, run, decidingEvents } = judgement;
  return {
    ...{ scheduler_id: slot.scheduler_id, service_name, job_name, business_date: slot.businessDate },
    ...{ slot: utc(slot.at), start_by: utc(startBy), finish_by: orNull(finishBy) },
    ...{ verdict, flags, waiting_for: waitingFor, excuse },
    run: run === null ? null : runView(run),
    deciding_events: [...new Set(decidingEvents)],
  };
}

/** A run of a job. Pure. */
export function runView({ run_id, startedAt, endedAt, duration, status }: JobRun) {
  return {
    ...{ run_id, started_at: utc(startedAt), ended_at: orNull(endedAt) },
    ...{ duration_ms: duration, status },
  };
}

function orNull(at: number | null): string | null {
  return at === null ? null : utc(at);
}

const columns = [
  ...[
    'scheduler_id',
    'service_name',
    'job_name',
    'business_date',
    'slot',
    'start_by',
    'finish_by',
    'verdict',
  ],
  ...['flags', 'waiting_for', 'excuse', 'run_id', 'started_at', 'ended_at', 'duration_ms', 'run_status'],
  'deciding_events',
];

/** The slots of a night as a table for spreadsheets. Pure. */
export function nightCsv(slots: readonly SlotView[]): string {
  return csvOf([
    columns,
    ...slots.map(({ run, ...slot }) => [
      ...[slot.scheduler_id, slot.service_name, slot.job_name, slot.business_date, slot.slot],
      ...[slot.start_by, slot.finish_by, slot.verdict, slot.flags.join(' '), slot.waiting_for.join(' ')],
      ...[slot.excuse, run?.run_id ?? null, run?.started_at ?? null, run?.ended_at ?? null],
      ...[run?.duration_ms ?? null, run?.status ?? null, slot.deciding_events.join(' ')],
    ]),
  ]);
}
