import { coverageIn, coverageKey, formerCoverage } from '../board/coverage.ts';
import type { Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import type { Gap, Coverage } from '../night/coverage.ts';
import { assessCoverage, type StaleLimits, type CoverageAssessment } from '../night/assess-coverage.ts';
import { changeRow } from '../store/versioned-rows.ts';
import { keepGap } from '../store/state/gap-rows.ts';
import { openState, stateTable, type StateTable } from '../store/state/state-rows.ts';
import { livingRoles } from '../store/roles.ts';
import type { Store } from '../store/store.ts';

/** Coverage as of the last look. Ronda's time, ms UTC. */
export type CoverageStatus = StaleLimits & {
  /** Up to when everything that was accepted has been read; null: nobody knows. */
  readonly watermark: number | null;
  readonly gaps: readonly Gap[];
};

export type CoverageMonitor = {
  /** Looks at the roles that are alive; at most once in 5 s (real), as often as they report. */
  readonly assessCoverage: () => Promise<CoverageStatus>;
  /** What the last look found. */
  readonly current: () => CoverageStatus;
};

const lookEveryMs = 5_000;

/** Of one process. Until its first look nothing is known, and no job is judged stale. */
export function createCoverageMonitor(store: Store, clock: Clock): CoverageMonitor {
  const table = stateTable(store);
  let looked = Number.NEGATIVE_INFINITY;
  /** The gaps of which this process knows that they have their row. */
  const kept = new Set<number>();
  let last: CoverageStatus = { watermark: null, judgedAt: null, coveredSince: clock.now(), gaps: [] };

  return {
    current: () => last,
    assessCoverage: async () => {
      if (clock.monotonic() - looked < lookEveryMs) return last;
      const living = await livingRoles(store);
      const reading = { now: clock.now(), fromReal: clock.fromReal };
      const { coverage, watermark, limits } = await remember(store, table, (previous) =>
        assessCoverage(previous, living, reading),
      );
      last = { ...limits, watermark, gaps: coverage?.gaps ?? [] };
      for (const gap of last.gaps) {
        if (kept.has(gap.from)) continue;
        await keepGap(store, gap);
        kept.add(gap.from);
      }
      looked = clock.monotonic();
      return last;
    },
  };
}

/** Applies a look to the coverage that is stored; replicas that look at once come to the same. */
async function remember(
  store: Store,
  table: StateTable,
  look: (previous: Coverage | null) => CoverageAssessment,
): Promise<CoverageAssessment> {
  const created_at = utc(store.clock.now());
  let assessment = look(null);
  const { details } = await openState(table, coverageKey.key, created_at);
  const former = details === undefined ? await formerCoverage(store) : null;
  await changeRow(table, coverageKey, (row) => {
    assessment = look(coverageIn(row.details) ?? former);
    const { coverage } = assessment;
    return coverage === null
      ? undefined
      : { ...row, created_at, details: { ...coverage, gaps: [...coverage.gaps] } };
  });
  return assessment;
}
