import type { SlotFacts } from '../alerts/context.ts';
import { limitsOf, type BoardSource } from '../board/read-board.ts';
import { msOf } from '../events/time.ts';
import { maintenanceAt } from '../night/subjects.ts';
import type { CoverageMonitor } from './coverage-monitor.ts';

/** A run belongs to a slot of the day around it; one that names its day may be a few days late. */
const aroundMs = 48 * 3_600_000;

/** What the life of alerts asks of slots, by what is known now. */
export function createSlotFacts(
  source: BoardSource,
  coverageMonitor: Pick<CoverageMonitor, 'current'>,
): SlotFacts {
  const { store, verdicts } = source;
  return {
    recoveryOf: async (state, { occurred_at, event_id }) => {
      const { scheduler_id, expectation } = state;
      if (expectation === null) return undefined;
      const at = store.clock.now();
      const coverage = coverageMonitor.current();
      const rows = new Map([[scheduler_id, state]]);
      const failedAt = msOf(occurred_at);
      const range = { from: failedAt - aroundMs, to: failedAt + aroundMs };
      const judged = await verdicts.read(
        { at, rows, limits: limitsOf(source, coverage, at) },
        range,
        coverage.gaps,
      );
      const run = judged.runsOf(scheduler_id).find(({ eventIds }) => eventIds.includes(event_id));
      const slot = run === undefined ? undefined : judged.slotOf(scheduler_id, run);
      if (slot === undefined) return undefined;
      const judgement = judged.of(scheduler_id).find((one) => one.slot === slot);
      const isOver = judgement?.verdict === 'completed' && judgement.run?.endedAt != null;
      return isOver ? { at: judgement.run.endedAt } : null;
    },
    maintenanceOf: async (scheduler_id, service_name, at) =>
      maintenanceAt(await verdicts.rules(), scheduler_id, service_name, at),
  };
}
