import type { CurrentState } from '../../projections/current-state.ts';
import { utc } from '../events/time.ts';
import type { KnownCoverage } from '../night/assess-coverage.ts';
import { jobRunsOf, type JobRun } from '../night/job-runs.ts';
import { reachMs, type Slot } from '../night/slots.ts';
import { resultFlags, type Flag, type Judgement } from '../night/verdicts.ts';
import { readHistory } from '../store/projections/history-rows.ts';
import { readGaps } from '../store/state/gap-rows.ts';
import { limitsOf, type BoardSource } from './read-board.ts';

/** A run, the slot that it belongs to, and what is to be said of it. */
export type ReadRun = { readonly run: JobRun; readonly slot: Slot | null; readonly flags: readonly Flag[] };

/** Runs that began before a time may end in it, and pair with what is in it. */
const beforeMs = 3 * reachMs;
/** So long gaps in coverage, and runs, are told of. */
const dayMs = 86_400_000;
const keptMs = 30 * dayMs;

/**
 * The runs of a scheduler that began in a time (ms UTC, both ends included), newest first; 30 days back at most,
 * and of more than `limit` the latest.
 * @param row its own
 * @param upstreams the rows of all that it waits for: they say when a run of it was late
 */
export async function readRuns(
  source: BoardSource,
  row: CurrentState,
  upstreams: ReadonlyMap<string, CurrentState>,
  range: { readonly from: number | undefined; readonly to: number | undefined; readonly limit: number },
  coverage: KnownCoverage,
): Promise<ReadRun[]> {
  const { store, verdicts } = source;
  const at = store.clock.now();
  const from = Math.max(range.from ?? 0, at - keptMs);
  const to = Math.min(range.to ?? Infinity, at + reachMs);
  const id = row.scheduler_id;
  const history = readHistory(store, id, { from: utc(Math.max(0, from - beforeMs)) });
  const all = jobRunsOf(await Array.fromAsync(history)).filter(
    ({ startedAt }) => startedAt >= from && startedAt <= to,
  );
  const runs = all.slice(-range.limit);
  const limits = limitsOf(source, coverage, at);
  const rows = new Map([...upstreams, [id, row]]);
  const gaps = [...(await readGaps(store)), ...coverage.gaps];
  // No more slots than runs may belong to: a month of them is a lot to judge.
  const first = Math.min(at, ...runs.map(firstSlotOf));
  const around = { from: Math.max(first, at - keptMs - dayMs), to: Math.min(to, at) };
  const judged = await verdicts.read({ at, rows, limits }, around, gaps);
  const judgements = new Map(judged.of(id).map((one) => [one.slot, one]));
  const heard = Math.min(at, limits.judgedAt ?? -Infinity);
  const found = runs.map((run): ReadRun => {
    const slot = judged.slotOf(id, run);
    const judgement = slot === undefined ? undefined : judgements.get(slot);
    return { run, slot: slot ?? null, flags: judgement === undefined ? [] : flagsOf(run, judgement, heard) };
  });
  return found.reverse();
}

/** A run may be for a day long before it. */
function firstSlotOf({ startedAt, businessDate }: JobRun): number {
  return businessDate === null ? startedAt : Math.min(startedAt, Date.parse(businessDate) - dayMs);
}

/**
 * What is to be said of one run of a slot: of its first, that it began late. Pure.
 * @param heard up to when everything that was sent has been read, ms UTC
 */
export function flagsOf(run: JobRun, { slot, flags, finishBy, beganAt }: Judgement, heard: number): Flag[] {
  const beganLate = flags.includes('began_late') && run.startedAt === beganAt;
  const endedLate = finishBy !== null && run.endedAt !== null && run.endedAt > finishBy;
  return [
    ...(beganLate ? (['began_late'] as const) : []),
    ...(endedLate ? (['ended_late'] as const) : []),
    ...resultFlags(slot.expectation, [run], heard, 0),
  ];
}
