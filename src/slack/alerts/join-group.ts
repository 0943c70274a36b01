import type { StatusReported } from '../../events/event.ts';
import { utc } from '../../events/time.ts';
import { changeMessage } from '../../store/messages.ts';
import type { SlackContext } from '../context.ts';
import { groupDetails, type GroupDetails, type GroupMember } from './facts.ts';
import type { GroupKey } from './placing.ts';

/** Enough of an error to list it. */
const maxErrorLength = 300;

/** Puts a failure into a group's row, once; the watch posts and edits the group's message. */
export async function joinGroup(
  { table, clock }: SlackContext,
  key: GroupKey,
  failure: StatusReported,
  mention: string | null,
): Promise<void> {
  const { scheduler_id, event_id, occurred_at, service_name, job_name } = failure;
  const error = failure.error_message?.slice(0, maxErrorLength).toWellFormed() ?? null;
  const member = { scheduler_id, event_id, occurred_at, service_name, job_name, error, mention };
  if ((await table.read(key)) === undefined) {
    await table.leave({ ...key, kind: 'group', created_at: utc(clock.now()) });
  }
  await changeMessage(table, key, (row) => {
    const before = groupDetails.safeParse(row.details).data ?? noMembers;
    if (before.members.some((one) => isSame(one, member))) return undefined;
    const joined: GroupDetails = {
      ...before,
      members: [...before.members, member],
      joined_at: clock.real(),
      closed: false,
    };
    return { ...row, details: joined };
  });
}

const noMembers: GroupDetails = { members: [], joined_at: 0, mentioned: null, closed: false };

function isSame(a: GroupMember, b: GroupMember): boolean {
  return a.scheduler_id === b.scheduler_id && a.event_id === b.event_id && a.occurred_at === b.occurred_at;
}
