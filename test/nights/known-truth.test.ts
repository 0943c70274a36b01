import { expect, jest, test } from '@jest/globals';
import { publishNotice } from '../../src/consumer/publish-notice.ts';
import { utc } from '../../src/events/time.ts';
import { groupDetails } from '../../src/transports/slack/alerts/details.ts';
import { handleNotice } from '../../src/watch/notice-consumer.ts';
import { queryNight } from '../../src/store/messages/messages.ts';
import { noticeKey, type NoticeKey } from '../../src/store/alerts/alert-rows.ts';
import { record } from '../../src/store/projections/record.ts';
import { minute, openWorld, type Replica, type World } from '../transports/slack/night/world.ts';
import { firstNight, knownNights, owner, type Arrival } from './known-truth.ts';

/** `npm run nights:whole` plays fourteen, of some 300 failures; here are some of them. */
const nights = Number(process.env['RONDA_WHOLE_NIGHTS'] ?? 1);
const seed = Number(process.env['RONDA_SEED'] ?? 1);
jest.setTimeout(1_800_000);

const stepMs = 5 * minute;
const dayMs = 1_440 * minute;

/** The consumer and the notices queue, as far as they matter here: what is not posted yet comes again. */
function pipeline(world: World, { context }: Replica) {
  const notices: NoticeKey[] = [];
  const publisher = {
    send: ({ body }: { body: string }) => {
      notices.push(noticeKey.parse(JSON.parse(body)));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return {
    consume: async ({ event: recorded }: Arrival): Promise<void> => {
      const [outcome] = await record(world.store, [recorded]);
      if (outcome?.ok !== true) throw new Error('an event was not recorded', { cause: outcome?.error });
      const { event, envelope } = outcome.recorded;
      if (event.type === 'status_reported' && event.status === 'failed') {
        const { boards } = context;
        const at = utc(world.clock.now());
        await publishNotice(
          { store: world.store, publisher, boards },
          event,
          outcome.state,
          at,
          envelope.correlation_id,
        );
      }
    },
    deliver: async (): Promise<void> => {
      for (const key of notices.splice(0)) {
        const outcome = await handleNotice(context, key).catch(() => 'again');
        if (outcome === 'again') notices.push(key);
      }
    },
  };
}

test(`of ${nights} nights with known truth nothing is missing, doubled or false`, async () => {
  const truth = knownNights(seed, nights);
  const world = await openWorld(firstNight - 31 * 60 * minute);
  const replica = world.replica({ staleCheckMs: minute });
  const { consume, deliver } = pipeline(world, replica);
  const isOut = (of: 'us' | 'slack', at: number): boolean =>
    truth.outages.some((outage) => outage.of === of && at >= outage.from && at < outage.to);
  const waiting = [...truth.arrivals];
  let isSlackAway = false;
  let wereOut = false;

  const look = async (): Promise<void> => {
    const now = world.clock.now();
    if (isOut('slack', now) !== isSlackAway) {
      isSlackAway = !isSlackAway;
      await (isSlackAway
        ? world.control('POST', '/faults', { fault: 'http_503' })
        : world.control('DELETE', '/faults'));
    }
    if (isOut('us', now)) {
      wereOut = true;
      return;
    }
    if (wereOut) world.restart();
    wereOut = false;
    while ((waiting[0]?.at ?? Infinity) <= now) {
      const arrival = waiting.shift();
      if (arrival !== undefined) await consume(arrival);
    }
    await world.alive();
    await deliver();
    await replica.round();
  };

  const end = firstNight + nights * dayMs - 17 * 60 * minute;
  for (let at = firstNight - 30 * 60 * minute; at <= end;) {
    world.at(Math.max(at, world.clock.now()));
    await look();
    // By day only what arrives matters.
    const isNight = (at - firstNight + dayMs) % dayMs < 7 * 60 * minute;
    const next = waiting[0]?.at ?? end + 1;
    at = isNight
      ? Math.min(at + stepMs, Math.max(next, at + 1))
      : Math.max(at + 1, Math.min(next, nextNight(at)));
  }

  const shown = await world.shown();
  const outcome = shown
    .filter(({ key, thread_ts }) => /^eod\/[^/]+\/alert\//.test(key) && thread_ts === undefined)
    .map(({ key, text, edits }) => ({
      name: key.split('/').slice(3).join('/'),
      calls: edits > 0 || text.includes(owner),
    }));
  const grouped: string[] = [];
  for (let night = -2; night <= nights; night += 1) {
    const date = utc(firstNight + 7 * 60 * minute + night * dayMs).slice(0, 10);
    for (const row of await queryNight(world.store, `eod/${date}`, 'group/')) {
      expect(row.ts).toBeDefined();
      const { members } = groupDetails.parse(row.details);
      grouped.push(
        ...members.map(
          ({ scheduler_id, occurred_at, event_id }) => `${scheduler_id}/${occurred_at}#${event_id}`,
        ),
      );
    }
  }
  const warned = shown
    .filter(({ key, thread_ts }) => key.includes('/stale/') && thread_ts === undefined)
    .map(({ key }) => key.split('/').slice(3).join('/'));
  const all = [...outcome.map(({ name }) => name), ...grouped];
  expect({
    failures: balance(all, truth.failures),
    warnings: balance(warned, truth.staleJobs),
    calledInVain: outcome.filter(({ name, calls }) => calls && truth.quiet.has(name)).map(({ name }) => name),
  }).toEqual({
    failures: { missing: [], doubled: [], false: [] },
    warnings: { missing: [], doubled: [], false: [] },
    calledInVain: [],
  });
  expect(truth.reported).toBe(nights * 22);
});

function nextNight(at: number): number {
  return firstNight + (Math.floor((at - firstNight) / dayMs) + 1) * dayMs;
}

function balance(found: readonly string[], expected: ReadonlySet<string>) {
  return {
    missing: [...expected].filter((name) => !found.includes(name)),
    doubled: found.filter((name, index) => found.indexOf(name) !== index),
    false: found.filter((name) => !expected.has(name)),
  };
}
