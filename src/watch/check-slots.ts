import {
  dependentsIn,
  dependentsOf,
  openingsOf,
  severityOf,
  slotAlertKey,
  updatedSlot,
  withDependents,
  type SlotOpening,
} from '../alerts/slot-alerts.ts';
import type { AlertContext } from '../alerts/context.ts';
import { serviceOf, type Snapshot } from '../board/read-board.ts';
import { msOf, utc } from '../events/time.ts';
import { isBoardFor, nightKey, type BoardSpec } from '../night/boards.ts';
import { nightAt, nightOf, previousNight } from '../night/night.ts';
import type { Judgement } from '../night/verdicts.ts';
import { queryAlerts, type AlertRow, type SlotRow } from '../store/alerts/alert-rows.ts';
import { pinnedNight } from '../store/alerts/pinned-night.ts';
import { changeRow } from '../store/versioned-rows.ts';

/** A job that has begun in no slot for so many nights is called anew. */
const nightsInView = 7;

export type SlotCheck = {
  /** Alerts that were opened here, or say something new. */
  readonly changed: readonly AlertRow[];
  /** The next instant at which a deadline passes, ms UTC; Infinity: none is known. */
  readonly nextDeadline: number;
};

/**
 * Brings the alerts of a board's slots up to date: opens those that the verdicts call for, and writes down what became
 * of those that are open, and which jobs wait for theirs. Done again it changes nothing.
 */
export async function checkSlots(
  context: AlertContext,
  board: BoardSpec,
  snapshot: Snapshot,
): Promise<SlotCheck> {
  const { boards, clock } = context;
  const { rows, verdicts } = snapshot;
  const now = clock.now();
  const judged = new Map<string, readonly Judgement[]>();
  for (const { scheduler_id, expectation } of rows.values())
    if (expectation !== null) judged.set(scheduler_id, verdicts.of(scheduler_id));
  if (judged.size === 0) return { changed: [], nextDeadline: Infinity };
  const known = await alertsInView(context, board, now);
  const changed: AlertRow[] = [];

  const dependents = dependentsIn(judged, now);
  for (const row of known) {
    const next = (current: AlertRow): AlertRow =>
      withDependents(
        isSlotRow(current) ? updatedSlot(current, judged.get(row.scheduler_id) ?? [], now) : current,
        dependentsOf(dependents.get(row.scheduler_id), {
          kind: row.kind,
          ...(isSlotRow(row) ? { slot: msOf(row.slot) } : {}),
        }),
        now,
      );
    if (row.state !== 'open' || next(row) === row) continue;
    const written = await changeRow(context.alerts, row, (current) => {
      const latest = next(current);
      return latest === current ? undefined : latest;
    });
    if (written !== undefined) changed.push(written);
  }

  const slotRows = Map.groupBy(known.filter(isSlotRow), ({ scheduler_id }) => scheduler_id);
  for (const [id, judgements] of judged) {
    const state = rows.get(id);
    if (state === undefined || !isBoardFor(boards, board, serviceOf(state))) continue;
    for (const opening of openingsOf(state, judgements, slotRows.get(id) ?? [], now)) {
      const waiting = dependentsOf(dependents.get(id), {
        kind: opening.kind,
        slot: opening.judgement.slot.at,
      });
      const opened = await open(context, board, serviceOf(state), opening, waiting);
      if (opened !== undefined) changed.push(opened);
    }
  }
  return { changed, nextDeadline: nextDeadlineOf(judged.values(), snapshot.limits.judgedAt ?? 0) };
}

function isSlotRow(row: AlertRow): row is SlotRow {
  return row.kind !== 'failure' && row.kind !== 'stale';
}

async function alertsInView({ store }: AlertContext, board: BoardSpec, now: number): Promise<AlertRow[]> {
  const nights = [nightAt(now, board)];
  for (let night = nights[0]; night !== undefined && nights.length < nightsInView;) {
    night = previousNight(night);
    nights.push(night);
  }
  const found = await Promise.all(nights.map(({ date }) => queryAlerts(store, nightKey(board, date))));
  return found.flatMap(({ alerts }) => alerts);
}

/** @returns undefined when it is there already */
async function open(
  { store, alerts, clock }: AlertContext,
  board: BoardSpec,
  service_name: string,
  { kind, judgement, situation }: SlotOpening,
  dependents: readonly string[],
): Promise<AlertRow | undefined> {
  const { slot } = judgement;
  const now = utc(clock.now());
  const wanted = { alert_key: slotAlertKey(kind, slot), night: nightKey(board, nightOf(slot.at, board)) };
  const key = await pinnedNight(store, wanted, now);
  const isNew = await alerts.create({
    ...key,
    ...{ kind, situation, service_name, scheduler_id: slot.scheduler_id, slot: utc(slot.at) },
    state: 'open',
    severity: severityOf(slot.expectation),
    runbook_url: slot.expectation.runbook_url ?? null,
    dependents: [...dependents],
    created_at: now,
    transitions: [{ type: 'opened', at: now }],
  });
  return isNew ? await alerts.read(key) : undefined;
}

/** Whatever is judged next: a beginning or an end that is due, or a slot that becomes a missed one. */
function nextDeadlineOf(judged: Iterable<readonly Judgement[]>, after: number): number {
  let next = Infinity;
  for (const judgements of judged) {
    for (const { startBy, finishBy, slot } of judgements) {
      for (const deadline of [startBy, finishBy ?? Infinity, slot.missedAt])
        if (deadline > after && deadline < next) next = deadline;
    }
  }
  return next;
}
