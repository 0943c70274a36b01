import type { Clock } from '../../../clock.ts';
import { utc } from '../../../events/time.ts';
import { changeMessage, type MessageTable } from '../../../store/messages/messages.ts';
import { emptyGroupingState, groupingState, groupAlert, type GroupKey, type Place } from './grouping.ts';

/**
 * Decides where an alert goes, together with all replicas: what a channel was told lately is a row of its own,
 * written by compare-and-swap.
 * @param fresh the key of the group to open if one must be opened
 */
export async function assignPlace(
  table: MessageTable,
  clock: Clock,
  channel: string,
  alert: string,
  fresh: GroupKey,
): Promise<Place> {
  const key = { night: `channel/${channel}`, message_key: 'alerts' };
  const created_at = utc(clock.now());
  if ((await table.read(key)) === undefined) await table.leave({ ...key, kind: 'ledger', created_at });
  let place: Place = 'single';
  await changeMessage(table, key, (row) => {
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
