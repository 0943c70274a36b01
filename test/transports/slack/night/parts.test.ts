import { describe, expect, test } from '@jest/globals';
import { jobsIn, lineOf, minute, openWorld, registers, reports, wib, type World } from './world.ts';
import { utc } from '../../../../src/events/time.ts';
import { removal } from '../../../support/events.ts';
import { textsOf } from '../slack-process.ts';

/** A world in which so many jobs are registered; every fiftieth has failed, from the last one down. */
async function nightWith(count: number): Promise<{ world: World; ids: string[]; failed: string[] }> {
  const world = await openWorld(wib('01:00:00'));
  const ids = Array.from({ length: count }, (_, n) => `job-${String(n).padStart(4, '0')}`);
  const failed = ids.filter((_, n) => (count - 1 - n) % 50 === 0);
  await world.happen(
    ...ids.map((id) => registers(id)),
    ...failed.map((id) => reports(id, 'failed', '00:30:00')),
  );
  await world.alive();
  return { world, ids, failed };
}

/** Rounds until nothing more is said. */
async function settle(world: World, round: () => Promise<void>): Promise<void> {
  for (let before = -1; ;) {
    await round();
    const now = (await world.shown()).reduce((sum, { edits }) => sum + 1 + edits, 0);
    if (now === before) return;
    before = now;
  }
}

describe('a board of many jobs', () => {
  test.each([1, 99, 100, 101, 700])(
    'has every one of %d in it once, and the failed ones in its first message',
    async (count) => {
      const { world, ids, failed } = await nightWith(count);
      const { round, complaints } = world.replica();
      await settle(world, round);
      const [main, ...parts] = await world.shown('/board/');
      expect(
        [main, ...parts].flatMap((message) => (message === undefined ? [] : jobsIn(message))).sort(),
      ).toEqual(ids);
      expect(failed.filter((id) => !textsOf(main ?? {}).includes(id))).toEqual([]);
      expect(lineOf(main, '❌')).toBe(
        `❌ ${failed.length} failed · ⚠ 0 stale · 🟡 0 running · ⬜ ${count - failed.length} pending · ✅ 0 completed`,
      );
      expect(new Set(parts.map(({ thread_ts }) => thread_ts))).toEqual(
        new Set(parts.length === 0 ? [] : [main?.ts]),
      );
      expect(parts.map(({ key }) => key)).toEqual(
        parts.map((_, n) => `eod/2099-11-24/board/eod/2099-11-24/${n + 2}`),
      );
      expect(complaints()).toEqual([]);
    },
    120_000,
  );

  test('that becomes a board of few leaves no part behind that shows jobs, and takes the parts up again', async () => {
    const { world, ids } = await nightWith(350);
    const { round, complaints } = world.replica();
    await settle(world, round);
    const before = await world.shown('/board/');
    expect(before.length).toBeGreaterThan(3);
    const gone = ids.slice(10);
    await world.happen(
      ...gone.map((scheduler_id, n) =>
        removal({
          scheduler_id,
          occurred_at: utc(wib('01:30:00') + n),
          event_id: `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`,
        }),
      ),
    );
    world.at(wib('02:00:00'));
    await world.alive();
    await settle(world, round);
    const few = await world.shown('/board/');
    expect(few.map(({ ts }) => ts)).toEqual(before.map(({ ts }) => ts));
    expect(few.map((message) => jobsIn(message).length)).toEqual([10, ...before.slice(1).map(() => 0)]);

    await world.happen(...gone.map((id) => registers(id, {}, wib('02:30:00'))));
    world.at(wib('03:00:00'));
    await world.alive();
    await settle(world, round);
    const again = await world.shown('/board/');
    expect(again.map(({ ts }) => ts)).toEqual(before.map(({ ts }) => ts));
    expect(again.flatMap(jobsIn).sort()).toEqual(ids);
    expect(complaints()).toEqual([]);
  });

  test('that somebody deletes is posted anew, once, with its parts in the new thread', async () => {
    const { world, ids } = await nightWith(150);
    const { round } = world.replica();
    await settle(world, round);
    const [main] = await world.shown('/board/');
    await world.control('DELETE', '/messages', { channel: 'C0RONDA', ts: main?.ts });
    world.at(wib('02:00:00'));
    await world.alive();
    await settle(world, round);
    world.wait(2 * minute);
    await settle(world, round);
    const there = await world.shown('/board/');
    const [anew] = there.filter(({ thread_ts }) => thread_ts === undefined);
    expect(anew?.ts).not.toBe(main?.ts);
    const own = there.filter(({ ts, thread_ts }) => ts === anew?.ts || thread_ts === anew?.ts);
    expect(own.flatMap(jobsIn).sort()).toEqual(ids);
  });
});
