import type { MessageRow } from '../../../store/messages/messages.ts';
import { groupDetails } from '../alerts/details.ts';
import { updateAlert } from '../alerts/update-alert.ts';
import { updateGroup } from '../alerts/update-group.ts';
import { updateStaleWarning } from '../alerts/update-stale-warning.ts';
import type { Rows } from '../alerts/progress.ts';
import type { SlackContext } from '../context.ts';

export type { Rows };

/** Which schedulers a message is about. */
export function subjectsOf(row: MessageRow): string[] {
  if (row.kind === 'group') {
    return groupDetails.safeParse(row.details).data?.members.map(({ scheduler_id }) => scheduler_id) ?? [];
  }
  const id = row.kind === 'stale' ? row.details?.['scheduler_id'] : row['scheduler_id'];
  return typeof id === 'string' ? [id] : [];
}

/**
 * Brings a message whose subject went on up to date: an alert that was acknowledged or whose job recovered, a group
 * that grew, a warning whose job was heard again. Does nothing when it says so already.
 */
export async function updateMessage(context: SlackContext, row: MessageRow, rows: Rows): Promise<void> {
  if (row.kind === 'alert') await updateAlert(context, row, rows);
  else if (row.kind === 'group') await updateGroup(context, row, rows);
  else await updateStaleWarning(context, row, rows);
}
