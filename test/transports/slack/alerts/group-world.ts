import { expect } from '@jest/globals';
import type { MessageRow } from '../../../../src/store/messages/messages.ts';
import { happen, openStage, owned, time, type Replica, type Stage } from './alert-world.ts';
import { textsOf } from '../slack-process.ts';

/** Storms in a channel that was told of five failures already. */

export type Full = Stage & { readonly one: Replica };

/** A channel that was just told of five failures: those that come next share a group. */
export async function openFull(): Promise<Full> {
  const stage = await openStage();
  const one = stage.replica();
  for (const n of [1, 2, 3, 4, 5]) await one.handle(await stage.fail(`single-${n}`));
  return { ...stage, one };
}

/** A job of an owner's fails, and joins. */
export async function join({ id, fail, one }: Full, name: string, owner: string): Promise<void> {
  await happen(owned(id(name), { user: owner, job_name: name }));
  expect(await one.handle(await fail(name, { job_name: name }))).toBe('done');
}

/** The next round, once the group's message may be edited again. */
export async function look({ watch }: Replica): Promise<void> {
  time.at += 2_000;
  await watch();
}

/** The groups' messages, oldest first: what each says, and what the replies to it do. */
export async function groupsIn({ shown }: Pick<Stage, 'shown'>) {
  const messages = await shown();
  return messages
    .filter(({ text }) => /^\d+ more jobs? failed/.test(text))
    .map((group) => ({
      text: group.text,
      seen: textsOf(group),
      edits: group.edits,
      ts: group.ts,
      replies: messages.filter(({ thread_ts }) => thread_ts === group.ts).map(({ text }) => text),
    }));
}

export async function rowOfGroup({ rows }: Stage): Promise<MessageRow | undefined> {
  return (await rows()).find(({ kind }) => kind === 'group');
}
export const calling = (owner: string) => `<@${owner}> More jobs have failed: see the list above.`;
