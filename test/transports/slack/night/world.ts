import { z } from 'zod';
import type { RunningWorkspace } from '../../../../localstack/slack/workspace.ts';
import { createClock, type Clock } from '../../../../src/clock.ts';
import type { RondaEvent } from '../../../../src/events/event.ts';
import { utc } from '../../../../src/events/time.ts';
import type { BoardSpec } from '../../../../src/night/boards.ts';
import type { WatchContext } from '../../../../src/watch/context.ts';
import { createRound, type WatchOptions } from '../../../../src/watch/watch.ts';
import { beat } from '../../../../src/store/roles.ts';
import type { Store } from '../../../../src/store/store.ts';
import { send, startTestWorkspace } from '../../../localstack/slack/workspace-fixtures.ts';
import { eod } from '../../../support/boards.ts';
import { registration, status } from '../../../support/events.ts';
import { atTheEnd, openBackend } from '../../../support/open.ts';
import { happen, openSlackProcess, textsOf, type Process } from '../slack-process.ts';
import { keptLog, type LogLine } from '../../../support/log-lines.ts';

/** Real tables, a real workspace, and a time that only the test and a messenger's pauses move. */

export const minute = 60_000;
const oneBoard: WatchContext['boards'] = [eod];

/** An instant of Jakarta's night of 24 November 2099, like `wib('03:17:00')`: 17:00 UTC is its midnight. */
export function wib(time: string): number {
  return Date.parse(`2099-11-24T${time}+07:00`);
}

const listing = z.object({
  messages: z.array(
    z.looseObject({
      channel: z.string(),
      ts: z.string(),
      thread_ts: z.string().optional(),
      text: z.string(),
      edits: z.number(),
      blocks: z.array(z.looseObject({ type: z.string() })).optional(),
      metadata: z.object({ event_payload: z.object({ key: z.string() }) }).optional(),
    }),
  ),
});
export type Shown = z.infer<typeof listing>['messages'][number] & { readonly key: string };

export type Replica = {
  readonly round: () => Promise<void>;
  readonly context: Process;
  readonly lines: readonly LogLine[];
  /** The warnings and errors, as `level: message`. */
  readonly complaints: () => string[];
};
export type ReplicaOptions = Partial<WatchOptions> & {
  readonly boards?: WatchContext['boards'];
  readonly store?: Store;
  readonly queued?: WatchContext['queued'];
};

export type World = {
  readonly store: Store;
  readonly clock: Clock;
  readonly workspace: RunningWorkspace;
  /** Sets Ronda's time; the machine's goes on by as much. */
  readonly at: (instant: number) => void;
  readonly wait: (ms: number) => void;
  readonly replica: (options?: ReplicaOptions) => Replica;
  /** An ingress and a consumer live, and have read everything up to an instant; by default they found it empty. */
  readonly alive: (readUpTo?: string | null, unapplied?: ReadonlyMap<string, string>) => Promise<void>;
  /** Ingress and consumer begin anew with their next sign of life. */
  readonly restart: () => void;
  readonly happen: (...events: RondaEvent[]) => Promise<void>;
  /** What is in Slack, oldest first; with `part` those whose key has that in it. */
  readonly shown: (part?: string) => Promise<Shown[]>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<unknown>;
};

export async function openWorld(start: number): Promise<World> {
  const machine = createClock();
  const time = { now: start, real: machine.real() };
  const clock: Clock = {
    now: () => time.now,
    real: () => time.real,
    monotonic: () => time.real,
    fromReal: (instant) => time.now + (instant - time.real),
    isReal: false,
  };
  const backend = await openBackend({ clock });
  const workspace = await startTestWorkspace({ clock });
  atTheEnd(workspace.stop);
  let since: number | undefined = time.real;
  const wait = (ms: number): void => {
    time.now += ms;
    time.real += ms;
  };
  const pause = (ms: number): Promise<void> => {
    wait(ms);
    return Promise.resolve();
  };

  return {
    store: backend.store,
    clock,
    workspace,
    wait,
    at: (instant) => {
      wait(instant - time.now);
    },
    replica: ({
      live = false,
      staleCheckMs = minute,
      boards = oneBoard,
      store = backend.store,
      queued,
    } = {}) => {
      const { log, lines } = keptLog('debug');
      const context = openSlackProcess({
        ...{ store, workspace, boards, clock, pause, log, queued },
        defaultTimeoutMs: 15 * minute,
      });
      const round = createRound(context, { live, staleCheckMs });
      const { signal } = new AbortController();
      return {
        context,
        lines,
        round: () => round(signal),
        complaints: () =>
          lines
            .filter(({ level }) => level === 'warn' || level === 'error')
            .map(({ level, msg }) => `${level}: ${msg}`),
      };
    },
    alive: async (readUpTo = 'idle', unapplied = new Map()) => {
      const { store } = backend;
      since ??= time.real;
      await beat(store, { role: 'ingress', instance: 'one', since });
      await beat(store, { role: 'consumer', instance: 'one', since, read_up_to: readUpTo, unapplied });
    },
    restart: () => {
      since = undefined;
    },
    happen: (...events) => happen(backend.store, ...events),
    shown: async (part = '') => {
      const { json } = await send(workspace, 'GET', '/control/messages');
      return listing
        .parse(json)
        .messages.map((message) => ({ ...message, key: message.metadata?.event_payload.key ?? '' }))
        .filter(({ key }) => key.includes(part));
    },
    control: async (method, path, body) => (await send(workspace, method, `/control${path}`, body)).json,
  };
}

/** Goes on by so many minutes, a look every minute, while ingress and consumer live and have read all. */
export async function pass(world: World, minutes: number, ...rounds: (() => Promise<void>)[]): Promise<void> {
  for (let n = 0; n < minutes; n += 1) {
    world.wait(minute);
    await world.alive();
    await Promise.all(rounds.map((round) => round()));
  }
}

let events = 0;
const fresh = () => {
  events += 1;
  return `00000000-0000-4000-8000-${String(events).padStart(12, '0')}`;
};

type Registered = Partial<Omit<ReturnType<typeof registration>, 'scheduler_id' | 'occurred_at'>>;

/** A registration of the afternoon before the night, unless told otherwise; the job is named as its scheduler. */
export function registers(id: string, fields: Registered = {}, instant = wib('00:00:00') - 420 * minute) {
  return registration({
    scheduler_id: id,
    job_name: id,
    occurred_at: utc(instant),
    event_id: fresh(),
    ...fields,
  });
}

export function reports(
  id: string,
  what: 'running' | 'completed' | 'failed',
  time: string,
  service_name = 'billing',
) {
  return status({
    scheduler_id: id,
    service_name,
    job_name: id,
    status: what,
    occurred_at: utc(wib(time)),
    event_id: fresh(),
    error_message: what === 'failed' ? 'disk full' : null,
  });
}

/** The text in a message's blocks that begins so; `none` when there is none. */
export function lineOf(message: Pick<Shown, 'blocks'> | undefined, begins: string): string {
  return textsOf(message ?? {}).find((text) => text.startsWith(begins)) ?? 'none';
}

/** Jobs that a message's table shows. */
export function jobsIn(message: Pick<Shown, 'blocks'>): string[] {
  return textsOf(message).filter((text) => /^job-\d+$/.test(text));
}

export const other = {
  name: 'funds',
  channel: 'C0FUNDS',
  zone: 'Asia/Tokyo',
  window: '00:00-03:00',
  updateMinutes: 60,
  services: ['funds'],
} satisfies BoardSpec;
