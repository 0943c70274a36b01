import { isDeepStrictEqual } from 'node:util';
import type { RunAlert } from '../../../alerts/alert.ts';
import { progressOf } from '../../../alerts/alert.ts';
import { causeLine } from '../../../alerts/cause-line.ts';
import { whatHappened } from '../../../alerts/explain.ts';
import type { GroupKey } from '../../../alerts/grouping.ts';
import { utc } from '../../../events/time.ts';
import { changeRow } from '../../../store/versioned-rows.ts';
import type { SlackContext } from '../context.ts';
import { groupDetails, type GroupDetails, type GroupMember } from './details.ts';
import type { Owner } from './owners.ts';

/** Enough of each to list it: 200 members of the widest characters must fit into one item of 400 KB. */
const maxErrorLength = 100;
const maxNameLength = 100;

/** Puts a failure into a group's row, once; the watch posts and edits the group's message. */
export async function joinGroup(
  { table, clock }: SlackContext,
  key: GroupKey,
  alert: RunAlert,
  owner: Owner,
): Promise<void> {
  const member = memberOf(alert, owner);
  if ((await table.read(key)) === undefined) {
    await table.create({ ...key, kind: 'group', created_at: utc(clock.now()) });
  }
  await changeRow(table, key, (row) => {
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

/** Writes down in a group's row what became of one of its failures, and whose it is. */
export async function updateMember(
  { table }: SlackContext,
  key: GroupKey,
  alert: RunAlert,
  owner: Owner,
): Promise<void> {
  const member = memberOf(alert, owner);
  await changeRow(table, key, (row) => {
    const before = groupDetails.safeParse(row.details).data ?? noMembers;
    const members = before.members.map((one) =>
      isSame(one, member) ? { ...one, ...owner, ...progressIn(alert) } : one,
    );
    if (isDeepStrictEqual(members, before.members)) return undefined;
    return { ...row, details: { ...before, members } };
  });
}

function memberOf(alert: RunAlert, owner: Owner): GroupMember {
  const { scheduler_id, event_id, service_name, job_name } = alert;
  // A group has one line for each: of a slot that is due, what happened.
  const error = alert.kind === 'failure' ? alert.error : whatHappened[alert.kind];
  const line = error === null ? undefined : causeLine(error);
  return {
    kind: alert.kind,
    scheduler_id,
    event_id,
    occurred_at: utc(alert.kind === 'failure' ? alert.failedAt : alert.slot),
    service_name: beginningOf(service_name, maxNameLength),
    job_name: beginningOf(job_name, maxNameLength),
    error: line === undefined ? null : beginningOf(line, maxErrorLength),
    ...owner,
    ...progressIn(alert),
  };
}

function progressIn(alert: RunAlert) {
  const { acknowledged, recovered, snoozed, removed } = progressOf(alert);
  return { acknowledged, recovered, snoozed, removed };
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
