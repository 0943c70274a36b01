import type { CurrentState } from '../../../../projections/current-state.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import type { StatusReported } from '../../../events/event.ts';
import { utc } from '../../../events/time.ts';
import { changeMessage } from '../../../store/messages/messages.ts';
import type { SlackContext } from '../context.ts';
import { groupDetails, type AlertDetails, type GroupDetails, type GroupMember } from './details.ts';
import type { GroupKey } from './grouping.ts';

/** Enough of each to list it: 200 members of the widest characters must fit into one item of 400 KB. */
const maxErrorLength = 100;
const maxNameLength = 100;

/** Puts a failure into a group's row, once; the watch posts and edits the group's message. */
export async function joinGroup(
  { table, clock }: SlackContext,
  key: GroupKey,
  failure: StatusReported,
  state: CurrentState | undefined,
  { mention, owner_unknown, sender, acknowledged, recovered }: AlertDetails,
): Promise<void> {
  const { scheduler_id, event_id, occurred_at } = failure;
  const line = failure.error_message === null ? undefined : causeLine(failure.error_message);
  const { service_name, job_name } = state?.registration ?? failure;
  const member: GroupMember = {
    scheduler_id,
    event_id,
    occurred_at,
    service_name: beginningOf(service_name, maxNameLength),
    job_name: beginningOf(job_name, maxNameLength),
    error: line === undefined ? null : beginningOf(line, maxErrorLength),
    mention,
    owner_unknown,
    sender,
    acknowledged,
    recovered,
  };
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
    // Who deleted the message has seen what stood in it, but not this.
    const anew = { deleted: undefined, ts: undefined, said: undefined, said_real: undefined };
    return { ...row, ...(row.deleted === true ? anew : {}), details: joined };
  });
}

const noMembers: GroupDetails = {
  members: [],
  joined_at: 0,
  mentioned: null,
  shown: 0,
  closed: false,
};

function beginningOf(text: string, max: number): string {
  return text.slice(0, max).toWellFormed();
}

function isSame(a: GroupMember, b: GroupMember): boolean {
  return a.scheduler_id === b.scheduler_id && a.event_id === b.event_id && a.occurred_at === b.occurred_at;
}
