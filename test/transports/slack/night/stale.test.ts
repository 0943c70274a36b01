import { describe, expect, test } from '@jest/globals';
import { heartbeat, idOf, snooze } from '../../../support/events.ts';
import { utc } from '../../../../src/events/time.ts';
import { lineOf, minute, openWorld, pass, registers, reports, wib, type World } from './world.ts';
import { textsOf } from '../slack-process.ts';

let beats = 0;
function beat(scheduler_id: string, instant: number) {
  beats += 1;
  return heartbeat({ scheduler_id, occurred_at: utc(instant), event_id: idOf(100_000 + beats) });
}

async function nightOf(...ids: string[]): Promise<World> {
  const world = await openWorld(wib('01:00:00'));
  await world.alive();
  await world.happen(...ids.flatMap((id) => [registers(id), reports(id, 'running', '01:00:00')]));
  return world;
}

const warnings = async (world: World): Promise<string[]> =>
  (await world.shown('/stale/')).map(({ key }) => key.split('/')[3] ?? '');

describe('a job that falls silent', () => {
  test('is warned of once, over two replicas; after a heartbeat the warning says so; the next time it is stale is another', async () => {
    const world = await nightOf('payroll', 'ledger');
    const [one, two] = [world.replica(), world.replica()];
    for (let n = 0; n < 14; n += 1) {
      await pass(world, 1, one.round, two.round);
      await world.happen(beat('ledger', world.clock.now()));
    }
    expect(await warnings(world)).toEqual([]);
    await pass(world, 4, one.round, two.round);
    expect(await warnings(world)).toEqual(['payroll']);

    await world.happen(beat('payroll', world.clock.now()));
    await pass(world, 2, one.round, two.round);
    const [first] = await world.shown('/stale/');
    expect(first?.edits).toBe(1);
    expect(textsOf(first ?? {}).join('\n')).toMatch(/heard again|again/i);

    for (let n = 0; n < 18; n += 1) {
      await pass(world, 1, one.round, two.round);
      await world.happen(beat('ledger', world.clock.now()));
    }
    expect(await warnings(world)).toEqual(['payroll', 'payroll']);
    expect([...one.complaints(), ...two.complaints()]).toEqual([]);
  });

  test('is not, as long as nobody knows what is unread', async () => {
    const world = await nightOf('payroll');
    const { round } = world.replica();
    for (let n = 0; n < 30; n += 1) {
      world.wait(minute);
      await world.alive(utc(wib('01:05:00')));
      await round();
    }
    expect(await warnings(world)).toEqual([]);
    await pass(world, 3, round);
    expect(await warnings(world)).toEqual(['payroll']);
  });

  test('is not, as long as a consumer could not apply what it said; the others are', async () => {
    const world = await nightOf('payroll', 'ledger');
    const { round } = world.replica();
    for (let n = 0; n < 30; n += 1) {
      world.wait(minute);
      await world.alive('idle', new Map([['payroll', utc(wib('01:08:00'))]]));
      await round();
    }
    expect(await warnings(world)).toEqual(['ledger']);
    await pass(world, 3, round);
    expect(await warnings(world)).toEqual(['ledger', 'payroll']);
  });

  test('while it is snoozed calls nobody, neither then nor later', async () => {
    const world = await nightOf('payroll');
    const { round } = world.replica();
    const until = utc(wib('01:30:00'));
    const by = { by: 'rina', occurred_at: utc(wib('01:01:00')), event_id: idOf(77) };
    await world.happen(snooze({ scheduler_id: 'payroll', until, ...by }));
    await pass(world, 28, round);
    expect(await warnings(world)).toEqual([]);
    await pass(world, 5, round);
    expect(await warnings(world)).toEqual([]);
  });

  test('shows as stale on the board, and no time counts in which nobody listened', async () => {
    const world = await nightOf('payroll');
    const { round } = world.replica({ live: true });
    await pass(world, 10, round);
    // Nobody lives for half an hour; the time-out begins again at its end.
    for (let n = 0; n < 30; n += 1) {
      world.wait(minute);
      await round();
    }
    world.restart();
    await pass(world, 10, round);
    expect(await warnings(world)).toEqual([]);
    await pass(world, 8, round);
    expect(await warnings(world)).toEqual(['payroll']);
    const [board] = await world.shown('/board/');
    expect(lineOf(board, '❌')).toBe(
      '❌ 0 failed · ⚠ 1 stale · 🟡 0 running · ⬜ 0 pending · ✅ 0 completed',
    );
    expect(textsOf(board ?? {}).join('\n')).toMatch(/monitor was down/);
  });
});
