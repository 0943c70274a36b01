import { expect, jest, test } from '@jest/globals';
import { livingRoles } from '../../src/store/roles.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { onNight, maxWaitMs, type SlackNight } from '../chaos/slack-night.ts';
import { testEndpoints } from '../support/harness.ts';
import { startHttpProxy } from '../support/http-proxy.ts';
import { until } from '../support/until.ts';
import { terminate, type Program } from './program.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(600_000);

const names = { service_name: 'billing', job_name: 'Close the day' };
const failureId = '6f0a1c2e-58d1-4c7b-9a34-2b1d0e9f8a77';
/** The night of 24 November in Jakarta, which begins on the 23rd at 17:00 UTC. */
const reported = [
  registered('report', '2026-11-22T10:00:00Z'),
  registered('close-day', '2026-11-22T10:00:00Z'),
  ...[
    ['load', 'running', '2026-11-23T17:05:00Z'],
    ['load', 'completed', '2026-11-23T17:50:00Z'],
    ['sync', 'running', '2026-11-23T20:10:00Z'],
    ['close-day', 'running', '2026-11-23T18:30:00Z'],
  ].map(([scheduler_id, status, timestamp]) => ({
    type: 'status',
    scheduler_id,
    ...names,
    status,
    timestamp,
  })),
  {
    ...{ type: 'status', scheduler_id: 'close-day', ...names, status: 'failed', error_message: 'disk full' },
    ...{ timestamp: '2026-11-23T18:58:00Z', event_id: failureId },
  },
];
const board = 'eod/2026-11-24/board/eod/2026-11-24/1';
const alert = `eod/2026-11-24/alert/close-day/2026-11-23T18:58:00.000Z#${failureId}`;
const summary = 'eod/2026-11-24/summary/eod/2026-11-24';

test.concurrent(
  'started at 03:17 when nothing has been posted, it posts one board at once, and it is right',
  onNight({ at: '2026-11-24T03:17:00+07:00' }, async (night) => {
    night.start(['ingress', 'consumer']);
    await night.report(...reported);
    await night.known(4);
    await until('the last is known', async () => (await stateOf(night, 'close-day')) === 'failed');
    await until('the first, too', async () => (await stateOf(night, 'load')) === 'completed');

    const { round } = await startWatched(night);
    await until('board and alert are there', async () => (await night.messages()).length >= 2, {
      timeoutMs: maxWaitMs,
    });
    await round(3);
    const messages = await night.messages();
    expect(messages.map(({ key }) => key).sort()).toEqual([alert, board]);
    const shown = messages.find(({ key }) => key === board);
    expect(shown?.history[0]?.text ?? shown?.text).toMatch(
      /^Night of 24 November 2026, 03:1\d WIB: 1 failed, 0 stale, 1 running, 1 pending, 1 completed\. Failed: billing \/ Close the day\.$/,
    );
    expect(messages.find(({ key }) => key === alert)?.text).toBe(
      'billing / Close the day failed 01:58 WIB: disk full',
    );
  }),
);

test.concurrent(
  'started at 07:00 with the night’s events unread, it sums the night up once, and all of it',
  onNight({ at: '2026-11-24T07:00:00+07:00' }, async (night) => {
    await night.report(...reported);
    night.start(['ingress', 'consumer']);
    const first = await startWatched(night);
    await until('the summary is there', () => has(night, summary), { timeoutMs: maxWaitMs });
    expect(await terminate(first.program)).toMatchObject({ code: 0 });
    const { round } = await startWatched(night);
    await round(3);
    const messages = await night.messages();
    expect(messages.map(({ key }) => key).sort()).toEqual([alert, summary]);
    expect(messages.find(({ key }) => key === summary)).toMatchObject({
      text:
        'Night of 24 November 2026 is over. ❌ Not all clear: 1 of 4 jobs completed: ' +
        '1 failed, 1 never started, 1 still running. Failed: billing / Close the day.',
      edits: 0,
    });
  }),
);

test.concurrent(
  'started at 07:00 for schedulers that are registered since 06:00, it sums nothing up',
  onNight({ at: '2026-11-24T07:00:00+07:00' }, async (night) => {
    night.start(['ingress', 'consumer']);
    await night.report(registered('report', '2026-11-23T23:00:00Z'));
    await night.known(1);
    const { round, asked } = await startWatched(night);
    await until('it has looked whom to sum up', asked, { timeoutMs: maxWaitMs });
    await round(3);
    expect(await night.messages()).toEqual([]);
  }),
);

test.concurrent(
  'started for the first time at 14:00, it posts nothing',
  onNight({ at: '2026-11-24T14:00:00+07:00' }, async (night) => {
    night.start(['ingress', 'consumer']);
    await night.report(...reported.filter((report) => !('error_message' in report)));
    await night.known(4);
    const { round } = await startWatched(night);
    await until('it is known that all has been read', () => isAllRead(night), { timeoutMs: maxWaitMs });
    // What is known is looked up every 5 s at most, a round comes every 1.5 s.
    await round(6);
    expect(await night.messages()).toEqual([]);
  }),
);

function registered(scheduler_id: string, timestamp: string) {
  return { type: 'register', scheduler_id, ...names, timestamp };
}

type Watched = {
  readonly program: Program;
  /** Resolves when it has begun so many more rounds of its watch. */
  readonly round: (count: number) => Promise<void>;
  /** Whether it has read the states of all schedulers. */
  readonly asked: () => boolean;
};

/** Starts a Slack role whose reads can be seen. */
async function startWatched(night: SlackNight): Promise<Watched> {
  let looks = 0;
  let scans = 0;
  const isThisNight = (body: string): boolean => body.includes('"eod/2026-11-24"');
  const proxy = await startHttpProxy(testEndpoints().dynamodb, ({ headers, body }, stage) => {
    const target = headers['x-amz-target'];
    if (stage === 'before' && target === 'DynamoDB_20120810.Query' && isThisNight(body)) looks += 1;
    if (stage === 'after' && target === 'DynamoDB_20120810.Scan' && body.includes('-schedulers"')) scans += 1;
    return 'pass';
  });
  night.atTheEnd(proxy.stop);
  const program = night.start(['slack'], { AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  await program.url();
  return {
    program,
    round: async (count) => {
      const wanted = looks + count;
      await until(`${count} more rounds have begun`, () => looks >= wanted, { timeoutMs: maxWaitMs });
    },
    asked: () => scans > 0,
  };
}

async function has(night: SlackNight, wanted: string): Promise<boolean> {
  return (await night.messages()).some(({ key }) => key === wanted);
}

async function stateOf({ backend }: SlackNight, id: string): Promise<string | undefined> {
  return (await readRow(backend.store, id))?.state?.status?.status;
}

async function isAllRead({ backend }: SlackNight): Promise<boolean> {
  const consumer = (await livingRoles(backend.store)).find(({ role }) => role === 'consumer');
  return (consumer?.read_up_to ?? null) !== null;
}
