import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { tableOf } from '../../../../src/store/store.ts';
import { textsOf } from '../slack-process.ts';
import { lineOf, minute, openWorld, other, registers, reports, wib, type World } from './world.ts';
import { eod } from '../../../support/boards.ts';

async function boardOf(world: World) {
  const boards = await world.shown('/board/');
  return boards.map(({ edits, blocks }) => [edits, lineOf({ blocks }, 'updated')]);
}

describe('the board of a night', () => {
  test('is posted at the start, edited in place at each slot and a last time at the end', async () => {
    const world = await openWorld(wib('00:00:00') - 1_000);
    const { round, complaints } = world.replica();
    await world.happen(registers('payroll'));
    await world.alive();
    await round();
    expect(await boardOf(world)).toEqual([]);
    const seen: unknown[] = [];
    for (const time of ['00:00', '00:59', '01:00', '02:00', '03:00', '04:00', '05:00', '06:00', '06:01']) {
      world.at(wib(`${time}:06`));
      await world.alive();
      await round();
      await round();
      seen.push([time, ...(await boardOf(world)).flat()]);
    }
    expect(seen).toEqual([
      ['00:00', 0, 'updated 00:00 WIB'],
      ['00:59', 0, 'updated 00:00 WIB'],
      ['01:00', 1, 'updated 01:00 WIB'],
      ['02:00', 2, 'updated 02:00 WIB'],
      ['03:00', 3, 'updated 03:00 WIB'],
      ['04:00', 4, 'updated 04:00 WIB'],
      ['05:00', 5, 'updated 05:00 WIB'],
      ['06:00', 6, 'updated 06:00 WIB'],
      ['06:01', 6, 'updated 06:00 WIB'],
    ]);
    expect(complaints()).toEqual([]);
  });

  test('names the jobs that are missing on it, since their rows cannot be read', async () => {
    const world = await openWorld(wib('00:00:00'));
    await world.happen(registers('payroll'));
    const Item = { scheduler_id: 'broken', version: 1, rev: 9, registration: 'nonsense' };
    await world.store.client.send(new PutCommand({ TableName: tableOf(world.store, 'schedulers'), Item }));
    await world.alive();
    await world.replica().round();
    const [board] = await world.shown('/board/');
    expect(textsOf(board ?? {})).toContain('missing: broken cannot be read');
  });

  test('is posted when the monitor starts at 03:17 with empty tables', async () => {
    const world = await openWorld(wib('03:17:00'));
    await world.replica().round();
    expect(await boardOf(world)).toEqual([[0, 'updated 03:17 WIB']]);
    expect((await world.shown())[0]?.key).toBe('eod/2099-11-24/board/eod/2099-11-24/1');
  });

  test('that missed three slots is edited once, by another process than posted it', async () => {
    const world = await openWorld(wib('01:00:00'));
    await world.alive();
    await world.replica().round();
    world.at(wib('04:30:00'));
    await world.alive();
    await world.replica().round();
    await world.replica().round();
    expect(await boardOf(world)).toEqual([[1, 'updated 04:30 WIB']]);
  });

  test('shows what was read only after the end: the last picture is drawn again once all of it is known', async () => {
    const world = await openWorld(wib('05:50:00'));
    const { round } = world.replica();
    await world.happen(registers('payroll'), reports('payroll', 'running', '05:00:00'));
    await world.alive();
    await round();
    world.at(wib('06:00:01'));
    await world.alive();
    await round();
    const counts = async () => lineOf((await world.shown('/board/'))[0], '❌');
    expect(await counts()).toBe('❌ 0 failed · ⚠ 0 stale · 🟡 1 running · ⬜ 0 pending · ✅ 0 completed');
    await world.happen(reports('payroll', 'completed', '05:59:58'));
    world.at(wib('06:00:07'));
    await world.alive();
    await round();
    expect(await counts()).toBe('❌ 0 failed · ⚠ 0 stale · 🟡 0 running · ⬜ 0 pending · ✅ 1 completed');
    expect(await boardOf(world)).toEqual([[2, 'updated 06:00 WIB']]);
  });

  test('is one, with one edit a slot and one summary, however two replicas run at the same time', async () => {
    const world = await openWorld(wib('00:00:00') - 10 * minute);
    const one = world.replica();
    const two = world.replica();
    await world.happen(registers('payroll'), registers('ledger'));
    const slots = new Set<number>();
    for (let tick = 0; tick < 77; tick += 1) {
      // Events come between the two replicas' looks.
      const time = utcTime(world.clock.now());
      await world.alive();
      await Promise.all([
        one.round(),
        world.happen(reports('payroll', tick % 2 === 0 ? 'running' : 'completed', time)),
        two.round(),
      ]);
      slots.add(Math.floor((world.clock.now() - wib('00:00:00')) / (60 * minute)));
      world.wait(5 * minute + 6_000);
    }
    expect([...slots]).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
    const messages = await world.shown();
    expect(messages.map(({ key }) => key)).toEqual([
      'eod/2099-11-24/board/eod/2099-11-24/1',
      'eod/2099-11-24/summary/eod/2099-11-24',
    ]);
    expect(messages.map(({ edits }) => edits)).toEqual([6, 0]);
  });

  test('is several, each with its services, channel and zone', async () => {
    const world = await openWorld(wib('00:00:00') - 30 * minute);
    await world.control('POST', '/channels', { id: 'C0FUNDS', name: 'funds' });
    await world.happen(registers('payroll'), registers('rebalance', { service_name: 'funds' }));
    await world.alive();
    const { round } = world.replica({ boards: [{ ...eod, services: ['billing'] }, other] });
    await round();
    const of = async (channel: string) =>
      (await world.shown('/board/'))
        .filter((message) => message.channel === channel)
        .map((message) => [
          message.key,
          lineOf(message, 'updated'),
          lineOf(message, 'payroll'),
          lineOf(message, 'rebalance'),
        ]);
    expect(await of('C0RONDA')).toEqual([]);
    expect(await of('C0FUNDS')).toEqual([
      ['funds/2099-11-24/board/funds/2099-11-24/1', 'updated 01:30 GMT+9', 'none', 'rebalance'],
    ]);
    world.at(wib('00:00:00'));
    await world.alive();
    await round();
    expect(await of('C0RONDA')).toEqual([
      ['eod/2099-11-24/board/eod/2099-11-24/1', 'updated 00:00 WIB', 'payroll', 'none'],
    ]);
  });
});

/** The time of day in Jakarta. */
function utcTime(instant: number): string {
  return new Date(instant + 420 * minute).toISOString().slice(11, 23);
}
