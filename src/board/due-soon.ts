import { boardOf, type Board, type Cell } from '../night/board.ts';
import type { BoardSpec } from '../night/boards.ts';
import { nightAt } from '../night/night.ts';
import type { Judgement } from '../night/verdicts.ts';
import type { Snapshot } from './read-board.ts';

/**
 * The part of a board that is due by an instant and has not begun, the first due first: whatever night its slots lie in,
 * those that wait for an upstream included. Pure.
 * @param until ms UTC, Ronda's time
 */
export function dueSoon(
  { at, rows, verdicts }: Pick<Snapshot, 'at' | 'rows' | 'verdicts'>,
  spec: BoardSpec,
  until: number,
): Board {
  const night = nightAt(at, spec);
  const next = (id: string): readonly Judgement[] =>
    verdicts
      .of(id)
      .filter(({ slot, verdict }) => verdict === 'waiting' && slot.at <= until)
      .slice(0, 1)
      // A board shows slots of its own night.
      .map((judgement) => ({ ...judgement, slot: { ...judgement.slot, date: night.date } }));
  const board = boardOf({
    rows: [...rows.values()].filter((row) => next(row.scheduler_id).length > 0),
    ...{ night, at, staleIds: new Set<string>(), services: spec.services },
    judgementsOf: next,
  });
  return { ...board, cells: board.cells.map(withoutOtherRun).toSorted((a, b) => dueAt(a) - dueAt(b)) };
}

/** That its job ran before, for an earlier slot, says nothing of one to come. */
function withoutOtherRun(cell: Cell): Cell {
  return cell.due === null ? cell : { ...cell, due: { ...cell.due, otherRun: false } };
}

function dueAt({ due }: Cell): number {
  return due?.at ?? Infinity;
}
