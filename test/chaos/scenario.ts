import { createClock } from '../../src/clock.ts';
import { readMessage } from '../../src/store/messages.ts';
import type { Program } from '../process/program.ts';
import { testEndpoints } from '../support/harness.ts';
import { startHttpProxy, type Watcher } from '../support/http-proxy.ts';
import { until } from '../support/until.ts';
import { leaseSeconds, openNight, patienceMs, type SlackNight } from './slack-night.ts';
import { isLook, points, setTrap, type Key, type Point, type Trap } from './trap.ts';

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

const night = 'eod/2026-11-24';
const failedAt = '2026-11-23T18:58:00.000Z';
const failureId = '6f0a1c2e-58d1-4c7b-9a34-2b1d0e9f8a77';
const keys = {
  board: { night, message_key: 'board/eod/2026-11-24/1' },
  alert: { night, message_key: `alert/close-day/${failedAt}#${failureId}` },
  summary: { night, message_key: 'summary/eod/2026-11-24' },
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
  const one = await openNight({ at });
  try {
    one.start(['consumer']);
    await one.report(...reported);
    await one.known(reported.length);

    const trap = setTrap<Program>(point, keys[kind]);
    const allUp = Promise.withResolvers<'pass'>();
    const programs = await Promise.all(
      Array.from({ length: replicas }, () => startWatched(one, trap, allUp.promise)),
    );
    await Promise.all(programs.map(({ url }) => url()));
    allUp.resolve('pass');
    if (kind === 'alert') await one.report(failure);

    const victim = await until('a process gets to the point', sprungOf(trap), { timeoutMs: patienceMs });
    victim.kill('SIGKILL');
    await victim.ended;
    if (point !== 'late post') trap.letGo('drop');
    if (replicas === 1) one.start(['slack']);
    if (point === 'late post') {
      const { night: of, message_key } = keys[kind];
      await until(
        'somebody else has posted it',
        async () => (await one.messages()).some(({ key }) => key === `${of}/${message_key}`),
        { timeoutMs: patienceMs },
      );
      trap.letGo('pass');
      await until(
        'the late post is there',
        async () => (await one.calls()).filter(isPostOf(`${of}/${message_key}`)).length === 2,
      );
    }
    await settled(one, wanted);
    return await aftermathOf(one, keys[kind]);
  } finally {
    await one.close();
  }
}
