import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { CurrentState } from '../../projections/current-state.ts';
import type { HistoryEntry } from '../../projections/history.ts';
import type { Rules } from '../../projections/rules.ts';
import { readExpectation } from '../events/expectation.ts';
import { compareText } from '../events/order.ts';
import { msOf, utc } from '../events/time.ts';
import type { StaleLimits } from '../night/assess-coverage.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { Gap } from '../night/coverage.ts';
import { hourMs, slotsBetween, type Expected, type Slot } from '../night/slots.ts';
import { mergedGaps, subjectOf } from '../night/subjects.ts';
import { verdictsOf, type Judge, type Verdicts } from '../night/verdicts.ts';
import { readHistory } from '../store/projections/history-rows.ts';
import { readRules } from '../store/projections/rule-rows.ts';
import type { Store } from '../store/store.ts';

/** So many schedulers' histories are read at a time. */
const concurrentReads = 16;
/** Slots this far around are known, too: runs and upstreams may belong to them. */
const aroundMs = 36 * 3_600_000;
/** A history is read again after so long, even if nothing tells that it has changed. Real ms. */
const believedMs = 300_000;
/** Rules change rarely; what is set now is for slots to come. Real ms. */
const rulesBelievedMs = 10_000;

/** Schedulers at an instant (ms UTC, Ronda's time), and by what they may be judged. */
type RowsAt = {
  readonly at: number;
  readonly rows: ReadonlyMap<string, CurrentState>;
  readonly limits: StaleLimits;
};

/** Reads what verdicts are computed from, and remembers it: a history only as long as its scheduler's row says the same. */
export type VerdictReader = {
  readonly rules: () => Promise<Rules>;
  /**
   * The verdicts of all slots around a time, by what the rows of a snapshot and their histories say. Without any
   * expectation among the rows nothing is read.
   */
  readonly read: (
    snapshot: RowsAt,
    range: { readonly from: number; readonly to: number },
    gaps: readonly Gap[],
  ) => Promise<Verdicts>;
};

/** A reader of one process. */
export function createVerdictReader(store: Store, boards: readonly BoardSpec[]): VerdictReader {
  const { clock } = store;
  const histories = new LRUCache<string, { row: string; from: number; at: number; entries: HistoryEntry[] }>({
    max: 20_000,
  });
  let rules: { readonly at: number; readonly read: Promise<Rules> } | undefined;
  const limit = pLimit(concurrentReads);
  const slots = new LRUCache<string, readonly Slot[]>({ max: 20_000 });

  const rulesNow = (): Promise<Rules> => {
    if (rules === undefined || clock.monotonic() - rules.at >= rulesBelievedMs) {
      const read = readRules(store);
      rules = { at: clock.monotonic(), read };
      // What failed is tried again.
      read.catch(() => {
        rules = undefined;
      });
    }
    return rules.read;
  };

  const historyOf = async (row: CurrentState, from: number): Promise<HistoryEntry[]> => {
    const known = histories.get(row.scheduler_id);
    const { heartbeat, snooze, acknowledgement, ...telling } = row;
    const text = JSON.stringify(telling);
    const isKnown = known?.row === text && known.from <= from && clock.monotonic() - known.at < believedMs;
    if (isKnown) return known.entries;
    const entries = await Array.fromAsync(
      readHistory(store, row.scheduler_id, { from: utc(Math.max(0, from)) }),
    );
    // A row is written before its history: what is not whole yet is read again the next time.
    if (isWhole(entries, row, from))
      histories.set(row.scheduler_id, { row: text, from, at: clock.monotonic(), entries });
    return entries;
  };

  const knownSlots = (one: Expected, { from, to }: { readonly from: number; readonly to: number }) => {
    const rules = one.expectations.map(({ id, value }) => {
      const calendar = value?.calendar;
      return [id, ...(calendar === undefined ? [] : one.calendars(calendar).map(({ id }) => id))];
    });
    const key = JSON.stringify([one.scheduler_id, rules, one.board.zone, one.board.window, from, to]);
    const before = slots.get(key);
    if (before !== undefined) return before;
    const found = slotsBetween(one, from, to);
    slots.set(key, found);
    return found;
  };

  return {
    rules: rulesNow,
    read: async (snapshot, { from, to }, gaps) => {
      const expected = [...snapshot.rows.values()].filter(({ expectation }) => expectation !== null);
      if (expected.length === 0) return verdictsOf([], judgeOf(snapshot, gaps));
      const effective = await rulesNow();
      // Whole hours: so the slots of a moment ago are those of now.
      const range = { from: floorHour(from) - aroundMs, to: floorHour(to) + aroundMs };
      const subjects = await limit.map(expected, async (row) => {
        const entries = await historyOf(row, range.from);
        const known = { ...effective, expectations: withOwn(effective.expectations, row) };
        return subjectOf(row, known, boards, withLatest(entries, row), snapshot.at, (one) =>
          knownSlots(one, range),
        );
      });
      return verdictsOf(subjects, judgeOf(snapshot, gaps));
    },
  };
}

/** Whether a history, read from an instant on, has all statuses that its scheduler's row names. */
function isWhole(
  entries: readonly HistoryEntry[],
  { pending, running, completed, failed, ended_before }: CurrentState,
  from: number,
): boolean {
  const ids = new Set(entries.map(({ id }) => id));
  return [pending, running, completed, failed, ended_before].every(
    (named) => named === null || msOf(named.at) < from || ids.has(named.id),
  );
}

/** A history with the latest status of its row, which is written before it. */
function withLatest(
  entries: readonly HistoryEntry[],
  { scheduler_id, status }: CurrentState,
): HistoryEntry[] {
  if (status === null || entries.some(({ id }) => id === status.id)) return [...entries];
  const { at: timestamp, id, status: word, ...payload } = status;
  const { execution_time_ms, error_message, metadata, run_id, business_date } = payload;
  const latest = { scheduler_id, id, timestamp, status: word, execution_time_ms, error_message };
  return [...entries, { ...latest, metadata, run_id, business_date }];
}

/** Expectations with the latest of a row: rules are read seldom, and written after it. */
function withOwn(
  expectations: Rules['expectations'],
  { scheduler_id, expectation }: CurrentState,
): Rules['expectations'] {
  const effective = expectations.get(scheduler_id) ?? [];
  if (expectation === null || effective.some(({ id }) => id === expectation.id)) return expectations;
  const value = expectation.value === null ? null : readExpectation(expectation.value);
  if (value === undefined) return expectations;
  const own = { at: msOf(expectation.at), id: expectation.id, value };
  const all = [...effective, own].sort((a, b) => a.at - b.at || compareText(a.id, b.id));
  return new Map([[scheduler_id, all]]);
}

function floorHour(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

function judgeOf({ at, limits }: Omit<RowsAt, 'rows'>, gaps: readonly Gap[]): Judge {
  return {
    now: at,
    judgedAt: limits.judgedAt,
    unapplied: limits.unapplied ?? new Map(),
    gaps: mergedGaps(gaps),
  };
}
