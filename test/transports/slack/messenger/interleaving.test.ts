import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../../../../src/clock.ts';
import { silent } from '../../../../src/log.ts';
import type { Content } from '../../../../src/transports/slack/content.ts';
import { createMessenger, type Messenger } from '../../../../src/transports/slack/messenger/messenger.ts';
import { fakeSlack } from '../fake-api.ts';
import { fakeTable } from './fake-table.ts';
import { createInterleaver } from './interleaver.ts';
import { unusedStore } from '../fixtures.ts';

const leaseMs = 60_000;
const key = { night: 'eod/2026-11-23', message_key: 'alert/payroll/1' };
const contentOf = (text: string): Content => ({ text, blocks: [] });
const options = (threadTs?: string) => ({ channel: 'C0RONDA', threadTs, whenDeleted: 'repost' }) as const;

/** Two replicas whose every call waits for the interleaver; whoever dies or ends is followed by another. */
function createWorld(threadTs?: string) {
  const time = { at: 1_795_460_000_000 };
  const clock = createClock({}, () => time.at);
  const slack = fakeSlack(() => time.at);
  const table = fakeTable();
  const interleaver = createInterleaver({ time, slack, table, leaseMs });
  const shared = { store: unusedStore(clock), clock, log: silent, leaseSeconds: leaseMs / 1_000 };
  let born = 0;

  const start = () => {
    const process = born++;
    const messenger = createMessenger({
      ...shared,
      api: interleaver.api(process),
      table: interleaver.table(process),
      owner: `replica-${process}`,
      pause: interleaver.pause(process),
    });
    let ended = false;
    void live(messenger, threadTs).finally(() => {
      ended = true;
    });
    return { ended: () => ended || interleaver.dead.has(process) };
  };
  let replicas = [start(), start()];
  return {
    slack,
    table,
    interleaver,
    step: async (choice: number, fate: number): Promise<boolean> => {
      const happened = await interleaver.step(choice, fate);
      replicas = replicas.map((one) => (one.ended() ? start() : one));
      return happened;
    },
    /** Lets everybody who is alive end, without any misfortune. */
    finish: async (): Promise<void> => {
      interleaver.calmDown();
      while (await interleaver.step(0, 99));
    },
    /** One that meets no misfortune, a lease after everything else. */
    heir: (): Messenger =>
      createMessenger({
        ...shared,
        api: slack,
        table,
        owner: `heir-${born++}`,
        pause: (ms) => {
          interleaver.pass(ms);
          return Promise.resolve();
        },
      }),
  };
}

/** What a replica does all day: says what there is to say, looks again when it is time, survives errors. */
async function live(messenger: Messenger, threadTs: string | undefined): Promise<void> {
  for (const text of ['first', 'second']) {
    await messenger.publish(key, 'alert', contentOf(text), options(threadTs)).catch(ignore);
    await messenger.recheck(key).catch(ignore);
  }
}

/** The next round tries again, as the queue and the watch do. */
function ignore(): void {
  return undefined;
}

const choice = fc.nat(7);
const texts = fc.constantFrom('first', 'second', 'third');

describe('whatever happens to two replicas', () => {
  /** Fates below 10 are misfortunes, see the interleaver. */
  const moment = fc.record({
    choice,
    fate: fc.nat(24),
    pass: fc.constantFrom(0, 0, 0, 0, 0, 200, 5_000, 20_000, 61_000),
  });

  test.each([
    ['in the channel', undefined],
    ['in a thread', '1795000000.000001'],
  ])(
    'a settled message %s is in Slack once, and its row names it',
    async (_place, threadTs) => {
      await fc.assert(
        fc.asyncProperty(fc.array(moment, { minLength: 5, maxLength: 120 }), texts, async (moments, text) => {
          const { slack, table, interleaver, step, finish, heir } = createWorld(threadTs);
          for (const { choice, fate, pass } of moments) {
            interleaver.pass(pass);
            await step(choice, fate);
          }
          await finish();
          interleaver.pass(2 * leaseMs);
          for (let round = 0; round < 3; round += 1) {
            await heir().publish(key, 'alert', contentOf(text), options(threadTs));
            interleaver.pass(2 * leaseMs);
            await heir().recheck(key);
          }
          await heir().publish(key, 'alert', contentOf(text), options(threadTs));

          const row = table.row(key);
          expect(slack.messages.map(({ ts, text, threadTs: thread }) => ({ ts, text, thread }))).toEqual([
            { ts: row?.ts, text, thread: threadTs },
          ]);
          expect(row).not.toHaveProperty('claim');
          expect(row).not.toHaveProperty('unsure_since');
          expect(row).not.toHaveProperty('recheck_at');
        }),
        { numRuns: 80 },
      );
    },
    60_000,
  );
});

describe('as long as nobody freezes and nothing lands late', () => {
  const moment = fc.record({
    choice,
    /** 0 to 5: deaths, lost answers, refusals; 10: none of them. */
    fate: fc.oneof(fc.nat(5), fc.constant(10), fc.constant(10), fc.constant(10)),
    night: fc.nat(9),
  });

  test('there is never a second message, not for a moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 5, maxLength: 150 }), texts, async (moments, text) => {
        const { slack, interleaver, step, finish, heir } = createWorld();
        interleaver.stopTimeInPauses();
        for (const { choice, fate, night } of moments) {
          await step(choice, fate);
          expect(slack.messages.length).toBeLessThanOrEqual(1);
          // Time passes only for leases whose owners are dead: the living come to rest before.
          if (night === 0) {
            await interleaver.rest();
            expect(slack.messages.length).toBeLessThanOrEqual(1);
            interleaver.pass(61_000);
          }
        }
        await finish();
        expect(slack.messages.length).toBeLessThanOrEqual(1);
        interleaver.pass(61_000);
        await heir().publish(key, 'alert', contentOf(text), options());
        expect(slack.messages).toMatchObject([{ text }]);
      }),
      { numRuns: 80 },
    );
  });
});
