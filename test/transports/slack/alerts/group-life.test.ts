import { describe, expect, test } from '@jest/globals';
import { groupDetails } from '../../../../src/transports/slack/alerts/details.ts';
import { groupingState } from '../../../../src/alerts/grouping.ts';
import { slackTransports } from '../../../../src/transports/slack/slack.ts';
import { handleNotice } from '../../../../src/watch/notice-consumer.ts';
import { stateTable } from '../../../../src/store/state/state-rows.ts';
import { changeRow } from '../../../../src/store/versioned-rows.ts';
import { at, idOf } from '../../../support/events.ts';
import {
  completed,
  failed,
  happen,
  leaveRow,
  newReplica,
  openStage,
  openWorld,
  owned,
  time,
} from './alert-world.ts';
import { calling, groupsIn, join, look, openFull, rowOfGroup } from './group-world.ts';

openWorld();
const minute = 60_000;

describe('a group', () => {
  test('is looked after until all its jobs recovered, and a minute has passed since the last joined', async () => {
    const stage = await openFull();
    const { id, one } = stage;
    const isClosed = async () => (await rowOfGroup(stage))?.details?.['closed'];
    await join(stage, 'six', 'U0BUDI');
    await join(stage, 'seven', 'U0BUDI');
    const { joined_at } = groupDetails.parse((await rowOfGroup(stage))?.details);
    await happen(completed(id('six'), '18:55:00.000'));
    time.at = joined_at + 10 * minute;
    await one.watch();
    expect(await isClosed()).toBe(false);
    await happen(completed(id('seven'), '18:56:00.000'));
    await look(one);
    expect(await isClosed()).toBe(true);
  });

  test('whose jobs recover at once is still open for a minute', async () => {
    const stage = await openFull();
    const { id, one } = stage;
    await join(stage, 'six', 'U0BUDI');
    const { joined_at } = groupDetails.parse((await rowOfGroup(stage))?.details);
    await happen(completed(id('six'), '18:55:00.000'));
    time.at = joined_at + minute;
    await one.watch();
    expect((await rowOfGroup(stage))?.details?.['closed']).toBe(false);
    time.at = joined_at + minute + 2_001;
    await one.watch();
    expect((await rowOfGroup(stage))?.details?.['closed']).toBe(true);
  });

  test('that closed opens again for a failure that was on its way to it', async () => {
    const stage = await openFull();
    const { id, one, fail } = stage;
    await join(stage, 'six', 'U0BUDI');
    await happen(completed(id('six'), '18:55:00.000'));
    await one.watch();
    time.at += 5 * minute;
    await one.watch();
    const row = await rowOfGroup(stage);
    expect(row?.details?.['closed']).toBe(true);
    // A process decided where it goes, and was killed before it went there.
    const late = await fail('late', { job_name: 'late' });
    const place = { night: row?.night ?? '', message_key: row?.message_key ?? '' };
    await one.context.slack.table.create({
      ...late,
      kind: 'alert',
      created_at: at('19:05:00.000'),
      details: { place, mention: 'U0SARI' },
    });
    expect(await one.handle(late)).toBe('done');
    await look(one);
    expect(await groupsIn(stage)).toMatchObject([
      { text: '2 more jobs failed: 1 open, 1 over: billing / late', replies: [calling('U0SARI')] },
    ]);
  });

  test('of 200, of the longest names and errors, is posted; the next failure opens another', async () => {
    const stage = await openFull();
    const { one, fail, id } = stage;
    const longest = {
      ...{ service_name: '界'.repeat(255), job_name: '界'.repeat(255), error_message: '界'.repeat(2_000) },
      scheduler_id: `${id('long')}${'x'.repeat(240)}`,
    };
    await happen(owned(longest.scheduler_id, { user: 'U0BUDI' }));
    await one.handle(await fail('long', longest));
    const key = await rowOfGroup(stage);
    if (key === undefined) throw new Error('there is no group');
    await changeRow(one.context.slack.table, key, (row) => {
      const { members, ...rest } = groupDetails.parse(row.details);
      const more = Array.from({ length: 198 }, (_, n) =>
        members.map((one) => ({ ...one, event_id: idOf(n + 100) })),
      );
      return { ...row, details: { ...rest, members: [...members, ...more.flat()] } };
    });
    await changeRow(stateTable(one.context.store), { key: `grouping/${stage.channel}` }, (row) => {
      const { group, ...rest } = groupingState.parse(row.details);
      return { ...row, details: { ...rest, group: group === null ? null : { ...group, members: 199 } } };
    });
    await one.handle(await fail('long', { ...longest, event_id: idOf(300) }));
    await join(stage, 'next', 'U0SARI');
    await look(one);
    const [next, full, ...others] = (await groupsIn(stage)).sort((a, b) => a.text.localeCompare(b.text));
    expect(others).toEqual([]);
    expect(next?.text).toBe('1 more job failed: billing / next');
    expect(full?.text).toMatch(/^200 more jobs failed: /);
    expect(full?.seen.join('\n')).toMatch(/and \d+ more: see the board/);
  });

  test('is shared by the boards of one channel', async () => {
    const stage = await openStage({ services: ['billing'] });
    const ledgers = { ...stage.board, name: `${stage.board.name}-ledger`, services: ['ledger'] };
    const boards = [stage.board, ledgers] as const;
    const { handle, watch } = newReplica([...boards]);
    for (const service_name of ['billing', 'ledger'])
      for (const name of ['a', 'b', 'c', 'd']) {
        const failure = { ...failed(stage.id(`${service_name}-${name}`)), service_name, job_name: name };
        const { scheduler_id } = failure;
        await happen(owned(scheduler_id, { service_name, job_name: name }), failure);
        await handle(await leaveRow(boards, failure));
      }
    await watch();
    expect((await stage.texts()).map((text) => text.replace(' failed 01:40 WIB: disk full', ''))).toEqual([
      ...['billing / a', 'billing / b', 'billing / c', 'billing / d', 'ledger / a'],
      '3 more jobs failed: ledger / b, ledger / c, ledger / d',
    ]);
  });

  test('is not joined by a failure that another replica delivered while this one was slow', async () => {
    const { fail, replica, shown, ...stage } = await openStage();
    const key = await fail('job');
    const [quick, slow] = [replica(), replica()];
    const { table } = slow.context.slack;
    let isFirst = true;
    const read: typeof table.read = async (wanted) => {
      const found = await table.read(wanted);
      if (isFirst && found !== undefined) {
        isFirst = false;
        await quick.handle(key);
        // By now the grouping state has forgotten it, and the channel was told of five others.
        time.at += minute;
        for (const n of [1, 2, 3, 4, 5]) await quick.handle(await fail(`other-${n}`));
      }
      return found;
    };
    const [transport] = slackTransports({ ...slow.context.slack, table: { ...table, read } });
    const transports = new Map(transport === undefined ? [] : [[transport.name, transport]]);
    expect(await handleNotice({ ...slow.context, transports }, key)).toBe('again');
    expect(await slow.handle(key)).toBe('done');
    await slow.watch();
    expect(await groupsIn({ shown })).toEqual([]);
    expect((await stage.rows()).filter(({ kind }) => kind === 'group')).toEqual([]);
    expect(await shown()).toHaveLength(6);
  });
});
