import pLimit from 'p-limit';
import { msOf, utc } from '../events/time.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { Night } from '../night/night.ts';
import { isWhole, type PlanInput } from '../night/plan.ts';
import { staleJobsOf } from '../night/stale.ts';
import { summaryOf, type Summary } from '../night/summary.ts';
import type { DeliveryRow } from '../store/alerts/alert-rows.ts';
import type { MessageRow } from '../store/messages/messages.ts';
import { readHistory } from '../store/projections/history-rows.ts';
import type { WatchContext } from './context.ts';
import { boardIn, limitsOf, serviceOf, type Snapshot } from '../board/read-board.ts';
import type { BoardCaveats, BoardInputs } from '../board/night-display.ts';

/** So many schedulers' histories are read at a time. */
const concurrentReads = 16;

/** What a night's board is shown from, now or as it stood at the night's end. */
export async function boardInputs(
  context: WatchContext,
  spec: BoardSpec,
  { night, slot }: { readonly night: Night; readonly slot: number },
  snapshot: Snapshot,
  view: {
    readonly input: PlanInput;
    readonly messages: readonly MessageRow[];
    readonly deliveries: readonly DeliveryRow[];
  },
): Promise<BoardInputs> {
  const { input, messages, deliveries } = view;
  // The last board of a night shows its end, however late it is drawn.
  const at = Math.min(input.now, night.end);
  const coverage = context.coverageMonitor.current();
  const { board, unreadable } = boardIn(
    { ...snapshot, at, limits: limitsOf(context, coverage, at) },
    spec,
    night,
  );
  return {
    board,
    slot,
    whole: isWhole(input, night),
    now: input.now,
    caveats: {
      lag: await lagOf(context, at, input),
      gaps: coverage.gaps.filter(({ from, to }) => to > night.start && from < night.end),
      unreadable: unreadable.map(({ scheduler_id }) => scheduler_id),
      deliveries: [...turnedOff(context), ...refusedDeliveries(deliveries)],
    },
    messages,
  };
}

async function lagOf(
  { queued, log }: Pick<WatchContext, 'queued' | 'log'>,
  at: number,
  { watermark, tolerance }: PlanInput,
): Promise<BoardCaveats['lag']> {
  if (watermark === null) return { readUpTo: null, queued: null };
  if (watermark >= at - tolerance) return undefined;
  try {
    return { readUpTo: watermark, queued: await queued() };
  } catch (error) {
    // The board is worth more than its warning.
    log.warn({ err: error }, 'the queue could not be asked for its depth');
    return { readUpTo: watermark, queued: null };
  }
}

/** `webhook:ops is turned off: HTTP 410` */
function turnedOff({ transports, switches }: WatchContext): string[] {
  return [...transports.values()].flatMap((transport) => {
    const why = switches.offBecause(transport);
    return why === undefined ? [] : [`${transport.name} is turned off: ${why}`];
  });
}

/** `webhook:ops did not take 2 alerts: HTTP 500` */
function refusedDeliveries(deliveries: readonly DeliveryRow[]): string[] {
  const failed = deliveries.filter((delivery) => delivery.failed);
  return [...Map.groupBy(failed, ({ transport }) => transport)].map(([transport, own]) => {
    const count = own.length === 1 ? 'an alert' : `${own.length} alerts`;
    return `${transport} did not take ${count}: ${own.at(-1)?.problem ?? 'no answer'}`;
  });
}

/**
 * What the summary of a night shows: one query of one night for each scheduler.
 * @returns undefined when there was nobody to watch: a night before the first registration has nothing to be summed up
 */
export async function summaryOfNight(
  context: WatchContext,
  board: BoardSpec,
  night: Night,
  snapshot: Snapshot,
): Promise<Summary | undefined> {
  const { clock, store } = context;
  const { services } = board;
  const rows = [...snapshot.rows.values()].filter((row) => services?.includes(serviceOf(row)) ?? true);
  if (!rows.some(({ created }) => created !== null && msOf(created.at) < night.end)) return undefined;
  const limit = pLimit(concurrentReads);
  const range = { from: utc(night.start) };
  const histories = await limit.map(
    rows,
    async ({ scheduler_id: id }) => [id, await Array.fromAsync(readHistory(store, id, range))] as const,
  );
  const staleIds = staleJobsOf(rows, { ...snapshot.limits, night });
  const judgementsOf = snapshot.verdicts.of;
  return summaryOf({
    ...{ rows, night, at: clock.now(), histories: new Map(histories) },
    ...{ services, staleIds, judgementsOf },
  });
}
