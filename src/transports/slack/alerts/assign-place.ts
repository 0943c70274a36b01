import {
  emptyGroupingState,
  groupAlert,
  groupingState,
  type GroupKey,
  type Place,
} from '../../../alerts/grouping.ts';
import type { Clock } from '../../../clock.ts';
import { utc } from '../../../events/time.ts';
import { openState, type StateTable } from '../../../store/state/state-rows.ts';
import { changeRow } from '../../../store/versioned-rows.ts';

/**
 * Decides where an alert goes, together with all replicas: what was posted in a channel lately is a row of its own,
 * written by compare-and-swap.
 * @param fresh the key of the group to open if one must be opened
 */
export async function assignPlace(
  table: StateTable,
  clock: Clock,
  channel: string,
  alert: string,
  fresh: GroupKey,
): Promise<Place> {
  const created_at = utc(clock.now());
  const key = `grouping/${channel}`;
  await openState(table, key, created_at);
  let place: Place = 'single';
  await changeRow(table, { key }, (row) => {
    const [after, where] = groupAlert(
      groupingState.safeParse(row.details).data ?? emptyGroupingState,
      alert,
      fresh,
      clock.real(),
    );
    place = where;
    return { ...row, created_at, details: after };
  });
  return place;
}
