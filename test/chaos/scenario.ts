import { readMessageRow } from '../../src/store/messages/messages.ts';
import type { Program } from '../process/program.ts';
import { testEndpoints } from '../support/harness.ts';
import { startHttpProxy, type Verdict, type Watcher } from '../support/http-proxy.ts';
import { until } from '../support/until.ts';
import { leaseSeconds, openNight, maxWaitMs, type SlackNight } from './slack-night.ts';
import { isLook, points, setTrap, type Key, type Point } from './trap.ts';

export type Kind = 'board' | 'alert' | 'summary';
/** A process is killed at a point of posting a message; `replicas` there were. */
export type Scenario = { readonly point: Point; readonly kind: Kind; readonly replicas: 1 | 2 };

export const scenarios: readonly Scenario[] = points.flatMap((point) =>
  (['board', 'alert', 'summary'] as const).flatMap((kind) =>
    ([1, 2] as const).map((replicas) => ({ point, kind, replicas })),
  ),
);

export type Aftermath = {
  /** What the messages in the workspace are, sorted. */
  readonly posted: readonly string[];
  /** What the killed process was posting. */
  readonly text: string | undefined;
  /** The name of that message in Slack, as its row has it, and as it is. */
  readonly persisted: string | undefined;
  readonly ts: string | undefined;
};

const nightName = 'eod/2026-11-24';
const failedAt = '2026-11-23T18:58:00.000Z';
const failureId = '6f0a1c2e-58d1-4c7b-9a34-2b1d0e9f8a77';
const keys = {
  board: { night: nightName, message_key: 'board/eod/2026-11-24/1' },
  alert: { night: nightName, message_key: `alert/close-day/${failedAt}#${failureId}` },
  summary: { night: nightName, message_key: 'summary/eod/2026-11-24' },
} as const satisfies Record<Kind, Key>;

/** When the processes start, and what is to be in the workspace then. */
const plots = {
  board: { at: '2026-11-24T00:20:00+07:00', wanted: [keys.board] },
  alert: { at: '2026-11-24T02:00:00+07:00', wanted: [keys.alert, keys.board] },
  summary: { at: '2026-11-24T06:05:00+07:00', wanted: [keys.summary] },
} as const satisfies Record<Kind, { at: string; wanted: readonly Key[] }>;

const names = { service_name: 'billing', job_name: 'Close the day' };
const reported = [
  { type: 'register', scheduler_id: 'report', ...names, timestamp: '2026-11-23T16:00:00Z' },
  { type: 'status', scheduler_id: 'load', ...names, status: 'completed', timestamp: '2026-11-23T17:05:00Z' },
  { type: 'status', scheduler_id: 'sync', ...names, status: 'running', timestamp: '2026-11-23T17:15:00Z' },
];
const registration = {
  ...{ type: 'register', scheduler_id: 'close-day', ...names },
  timestamp: '2026-11-23T16:00:00Z',
};
const failure = {
  type: 'status',
  scheduler_id: 'close-day',
  ...names,
  status: 'failed',
  error_message: 'disk full',
  timestamp: failedAt,
  event_id: failureId,
};

/** Plays a scenario until everything has settled. @throws Error when it does not settle */
export async function play({ point, kind, replicas }: Scenario): Promise<Aftermath> {
  const { at, wanted } = plots[kind];
  const key = rowName(keys[kind]);
  const night = await openNight({ at });
  try {
    night.start(['ingress', 'consumer']);
    await night.report(...reported);
    await night.known(reported.length);

    const trap = setTrap<number>(point, keys[kind]);
    const allUp = Promise.withResolvers<'pass'>();
    const programs = await Promise.all(
      Array.from({ length: replicas }, (_, n) => startWatched(night, trap.watcher(n), allUp.promise)),
    );
    await Promise.all(programs.map(({ url }) => url()));
    allUp.resolve('pass');
    if (kind === 'alert') await night.report(registration, failure);

    const caught = await until(`a process gets ${point}`, trap.sprung, { timeoutMs: maxWaitMs });
    const victim = programs[caught];
    victim?.kill('SIGKILL');
    await victim?.ended;
    const { real } = night.clock;
    const killedAt = real();
    if (point !== 'late post') trap.letGo('drop');
    if (replicas === 1) night.start(['slack']);
    if (point === 'late post') {
      await until('somebody else has posted it', () => hasPosted(night, key, 1), { timeoutMs: maxWaitMs });
      trap.letGo('pass');
      await until('the late post is there', () => hasPosted(night, key, 2));
    }
    // Until two leases after the kill nothing more is to come, even where nothing is in doubt.
    const quietAt = killedAt + 2 * leaseSeconds * 1_000;
    await until('all is settled', async () => real() > quietAt && (await isSettled(night, wanted)), {
      timeoutMs: maxWaitMs,
      everyMs: 100,
    });
    return await aftermathOf(night, keys[kind]);
  } finally {
    await night.close();
  }
}

/** Starts a Slack role behind proxies of its own. It looks at the night only once all are up. */
async function startWatched(night: SlackNight, watcher: Watcher, allUp: Promise<Verdict>): Promise<Program> {
  const dynamodb = await startHttpProxy(testEndpoints().dynamodb, async (call, stage) => {
    if (stage === 'before' && isLook(call)) await allUp;
    return await watcher(call, stage);
  });
  const slack = await startHttpProxy(night.slackUrl, watcher);
  night.atTheEnd(dynamodb.stop);
  night.atTheEnd(slack.stop);
  return night.start(['slack'], {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    SLACK_API_URL: `${slack.url}/api/`,
  });
}

async function hasPosted(night: SlackNight, key: string, times: number): Promise<boolean> {
  const posts = (await night.calls()).filter(
    ({ method, worked, args }) =>
      method === 'chat.postMessage' && worked && String(args['metadata']).includes(JSON.stringify(key)),
  );
  return posts.length >= times;
}

/** Whether each message is known to be in Slack, nobody is at work on it and nothing is in doubt. */
async function isSettled({ backend }: SlackNight, wanted: readonly Key[]): Promise<boolean> {
  const rows = await Promise.all(wanted.map((key) => readMessageRow(backend.store, key)));
  return rows.every(
    (row) =>
      row?.ts !== undefined &&
      row.claim === undefined &&
      row.unsure_since === undefined &&
      row.recheck_at === undefined,
  );
}

async function aftermathOf(night: SlackNight, key: Key): Promise<Aftermath> {
  const messages = await night.messages();
  const posted = messages.find((message) => message.key === rowName(key));
  return {
    posted: messages.map((message) => message.key).sort(),
    text: posted?.text,
    ts: posted?.ts,
    persisted: (await readMessageRow(night.backend.store, key))?.ts,
  };
}

function rowName({ night, message_key }: Key): string {
  return `${night}/${message_key}`;
}
