import { describe, expect, test } from '@jest/globals';
import { createRound } from '../../../../src/watch/watch.ts';
import { utc } from '../../../../src/events/time.ts';
import { idOf, status } from '../../../support/events.ts';
import { happen, openStage, openWorld, time, two, type Replica, type Shown } from './alert-world.ts';

openWorld();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The rounds of a process that watches. */
function watching({ context }: Replica): () => Promise<void> {
  const round = createRound(context, { live: false, staleCheckMs: minute });
  return () => round(new AbortController().signal);
}

/** What is said of failures, boards left out. */
const ofAlerts = (messages: readonly Shown[]): string[] =>
  messages
    .filter(({ metadata }) => metadata?.event_payload.key.includes('/alert/'))
    .map(({ text }) => text.replace('billing / close-day ', ''));

const completedAt = (scheduler_id: string, instant: number) =>
  status({ scheduler_id, status: 'completed', occurred_at: utc(instant), event_id: idOf(50) });

describe('a job that recovers nights later', () => {
  test('is seen in the first round of a process, up to six nights back', async () => {
    const stage = await openStage();
    await stage.replica().handle(await stage.fail('job'));
    time.at = two + 6 * day;
    await happen(completedAt(stage.id('job'), time.at - hour));
    await watching(stage.replica())();
    expect(ofAlerts(await stage.shown())).toEqual([
      `✅ failed 24 November 2099, 01:40 WIB, recovered 01:00 WIB after 5 d 23 h: disk full`,
      '✅ recovered 01:00 WIB after 5 d 23 h',
    ]);
  });

  test('is not looked for seven nights back', async () => {
    const stage = await openStage();
    await stage.replica().handle(await stage.fail('job'));
    time.at = two + 7 * day;
    await happen(completedAt(stage.id('job'), time.at - hour));
    await watching(stage.replica())();
    expect(ofAlerts(await stage.shown())).toEqual(['failed 01:40 WIB: disk full']);
  });

  test('is looked for once a minute, but a failure of last night in every round', async () => {
    const stage = await openStage();
    const { id, fail, shown } = stage;
    const one = stage.replica();
    await one.handle(await fail('old', { job_name: 'old' }));
    time.at += day;
    const lastNight = { job_name: 'new', occurred_at: utc(time.at - 20 * minute) };
    await one.handle(await fail('new', lastNight));
    time.at += day;
    const round = watching(one);
    await round();
    const began = time.at;
    await happen(completedAt(id('old'), began - hour), completedAt(id('new'), began - hour));
    const recovered = async () =>
      ofAlerts(await shown()).filter((text) => /^✅ billing .* failed .*recovered/.test(text)).length;
    time.at = began + 1_500;
    await round();
    expect(await recovered()).toBe(1);
    time.at = began + minute;
    await round();
    expect(await recovered()).toBe(2);
  });
});
