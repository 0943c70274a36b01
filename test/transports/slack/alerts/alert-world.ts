import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { z } from 'zod';
import type { RunningWorkspace } from '../../../../localstack/slack/workspace.ts';
import { createClock, type Clock } from '../../../../src/clock.ts';
import type { RondaEvent, StatusReported } from '../../../../src/events/event.ts';
import { utc } from '../../../../src/events/time.ts';
import { silent, type Logger } from '../../../../src/log.ts';
import { nightKey, nightKeyFor, type BoardSpec } from '../../../../src/night/boards.ts';
import { nightAt, previousNight } from '../../../../src/night/night.ts';
import { updateGroup } from '../../../../src/transports/slack/alerts/update-group.ts';
import { createAlertExecutor } from '../../../../src/watch/carry-out-alert.ts';
import { handleNotice } from '../../../../src/watch/notice-consumer.ts';
import { plan, type RoundInput } from '../../../../src/watch/plan.ts';
import { queryNight, readMessageRow, type MessageRow } from '../../../../src/store/messages/messages.ts';
import {
  alertKey,
  alertTable,
  createAlert,
  queryAlerts,
  type AlertRow,
  type NoticeKey,
} from '../../../../src/store/alerts/alert-rows.ts';
import { happen as happenIn, openSlackProcess, type Process } from '../slack-process.ts';
import { send, startTestWorkspace } from '../../../localstack/slack/workspace-fixtures.ts';
import { eod } from '../../../support/boards.ts';
import { at, idOf, registration, status } from '../../../support/events.ts';
import { createBackend, type TestBackend } from '../../../support/harness.ts';

/** Alerts from their rows to a real workspace, at a time that only tests and pauses of Ronda's move. */

/** 02:00 in Jakarta, 24 November 2099. */
export const two = Date.parse(at('19:00:00.000'));
export const time = { at: two };
export const clock: Clock = createClock({}, () => time.at);
const step = (ms: number): Promise<void> => {
  time.at += ms;
  return Promise.resolve();
};

let opened: { backend: TestBackend; workspace: RunningWorkspace } | undefined;
/** What all tests of a file share: engines, and the workspace. */
export function shared() {
  if (opened === undefined) throw new Error('the world is opened before all tests');
  return opened;
}

/** To be called at the top of a test file. */
export function openWorld(): void {
  beforeAll(async () => {
    opened = { backend: await createBackend({ clock }), workspace: await startTestWorkspace({ clock }) };
  });
  afterAll(async () => {
    await opened?.workspace.stop();
    opened?.backend.close();
  });
  beforeEach(async () => {
    time.at = two;
    for (const what of ['faults', 'calls']) await control('DELETE', what);
  });
}

export async function control(method: string, what: string, body?: object): Promise<unknown> {
  const { status: code, json } = await send(shared().workspace, method, `/control/${what}`, body);
  if (code !== 200) throw new Error(`${method} ${what}: ${JSON.stringify(json)}`);
  return json;
}
export const fault = (wanted: object): Promise<unknown> => control('POST', 'faults', wanted);

const shownMessage = z.object({
  ts: z.string(),
  thread_ts: z.string().optional(),
  text: z.string(),
  edits: z.number(),
  blocks: z.array(z.looseObject({ type: z.string() })).default([]),
  metadata: z.object({ event_payload: z.object({ key: z.string() }) }).optional(),
});
export type Shown = z.infer<typeof shownMessage>;
const listing = z.object({ messages: z.array(shownMessage) });
const calls = z.object({
  calls: z.array(
    z.object({ method: z.string(), at: z.number(), args: z.looseObject({ channel: z.string().optional() }) }),
  ),
});

/** The calls of a method, oldest first. */
export async function callsOf(method: string) {
  return calls.parse(await control('GET', 'calls')).calls.filter((one) => one.method === method);
}

let born = 0;
export type Replica = {
  readonly context: Process;
  readonly handle: (key: NoticeKey) => Promise<'done' | 'again'>;
  /** What the watch does about the stories of tonight's and last night's messages. */
  readonly watch: () => Promise<void>;
};

export type Stage = {
  readonly board: BoardSpec;
  readonly channel: string;
  /** A scheduler id of this test's own. */
  readonly id: (name: string) => string;
  readonly replica: (log?: Logger) => Replica;
  /** Makes a failure of a job of this test's true and leaves its alert's row, as a consumer does. */
  readonly fail: (name: string, fields?: Partial<StatusReported>) => Promise<NoticeKey>;
  /** What Slack shows in the channel, oldest first, replies too. */
  readonly shown: () => Promise<Shown[]>;
  readonly texts: () => Promise<string[]>;
  readonly rows: (night?: string) => Promise<MessageRow[]>;
};

/** A board in a channel of its own, for one test. */
export async function openStage(fields: Partial<BoardSpec> = {}): Promise<Stage> {
  born += 1;
  const number = born;
  const board: BoardSpec = { ...eod, name: `eod${number}`, channel: `C0STAGE${number}`, ...fields };
  const { channel } = board;
  await control('POST', 'channels', { id: channel, name: `stage-${number}` });
  const { store } = shared().backend;
  const shown = async (): Promise<Shown[]> =>
    listing.parse(await control('GET', `messages?channel=${channel}`)).messages;
  const id = (name: string): string => `${name}-${number}`;
  return {
    board,
    channel,
    id,
    shown,
    texts: async () => (await shown()).map(({ text }) => text),
    rows: (night = `${board.name}/2099-11-24`) => queryNight(store, night),
    replica: (log = silent) => newReplica([board], log),
    fail: async (name, more = {}) => {
      const failure = { ...failed(id(name)), ...more };
      await happen(registered(id(name), failure.job_name), failure);
      return await leaveRow([board], failure);
    },
  };
}

/** A registration that names nobody, of a time before every other of these tests. */
export function registered(scheduler_id: string, job_name = 'close-day') {
  return registration({ scheduler_id, job_name, occurred_at: at('09:00:00.000'), event_id: idOf(91) });
}

/** Leaves the row of a failure's alert. */
export async function leaveRow(boards: readonly BoardSpec[], failure: StatusReported): Promise<NoticeKey> {
  const night = nightKeyFor(boards, failure.service_name, Date.parse(failure.occurred_at));
  const key = alertKey(failure, night);
  await createAlert(shared().backend.store, failure, key, utc(clock.now()));
  return { night: key.night, message_key: key.alert_key };
}

/** A failure at 01:40 in Jakarta. */
export function failed(scheduler_id: string): StatusReported {
  return status({
    scheduler_id,
    status: 'failed',
    error_message: 'disk full',
    occurred_at: at('18:40:00.000'),
    event_id: idOf(40),
  });
}

/** A process of the Slack role: its own client, pace, messenger and caches. */
export function newReplica(boards: readonly [BoardSpec, ...BoardSpec[]], log: Logger = silent): Replica {
  const { backend, workspace } = shared();
  const context = openSlackProcess({ store: backend.store, workspace, boards, clock, pause: step, log });
  return {
    context,
    handle: (key) => handleNotice(context, key),
    watch: async () => {
      for (const board of boards) await watchBoard(context, board);
    },
  };
}

async function watchBoard(context: Process, board: BoardSpec): Promise<void> {
  const night = nightAt(clock.now(), board);
  const keys = [night, previousNight(night)].map(({ date }) => nightKey(board, date));
  const found = await Promise.all(keys.map((key) => queryAlerts(context.store, key)));
  const never = -Infinity;
  const view: RoundInput = {
    board,
    messages: (await Promise.all(keys.map((key) => queryNight(context.store, key)))).flat(),
    alerts: found.flatMap(({ alerts }) => alerts),
    deliveries: found.flatMap(({ deliveries }) => deliveries),
    transports: context.transports,
    input: {
      now: clock.now(),
      real: clock.real(),
      monotonic: clock.monotonic(),
      watermark: null,
      judgedAt: null,
      summaryWait: 0,
      tolerance: 0,
      unpostedAfter: 600_000,
      leaseMs: 60_000,
      liveEveryMs: null,
      staleEveryMs: 60_000,
      slots: null,
      last: { live: never, oldNights: never, emptySummary: never, stale: never },
    },
  };
  const actions = plan(view);
  const executor = await createAlertExecutor(context, view, actions, async (_what, work) => {
    await work();
  });
  for (const action of actions) {
    if (action.do === 'update-group') await updateGroup(context.slack, action.message);
    else if ('alert' in action || action.do === 'carry-over') await executor.carryOut(action);
  }
}

/** Makes events true, as a consumer does. */
export function happen(...events: readonly RondaEvent[]): Promise<void> {
  return happenIn(shared().backend.store, ...events);
}

type Owned = { user?: string | null; email?: string | null; job_name?: string; service_name?: string };

/** A registration that names who is to be told. */
export function owned(scheduler_id: string, { user = null, email = null, ...names }: Owned) {
  const fields = { alert_user_id: user, owner_email: email, event_id: idOf(90), ...names };
  return registration({ scheduler_id, occurred_at: at('10:00:00.000'), ...fields });
}

export function completed(scheduler_id: string, when: string) {
  return status({ scheduler_id, status: 'completed', occurred_at: at(when), event_id: idOf(50) });
}

/** What is known of an alert, whatever it is told through. */
export async function alertOf({ night, message_key }: NoticeKey): Promise<AlertRow | undefined> {
  return await alertTable(shared().backend.store).read({ night, alert_key: message_key });
}

export async function rowOf(key: NoticeKey): Promise<MessageRow | undefined> {
  return await readMessageRow(shared().backend.store, key);
}
