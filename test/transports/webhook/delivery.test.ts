import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Alert } from '../../../src/alerts/alert.ts';
import type { Transport } from '../../../src/alerts/transport.ts';
import { createClock } from '../../../src/clock.ts';
import type { RondaEvent } from '../../../src/events/event.ts';
import { alertKey, createAlert, queryAlerts } from '../../../src/store/alerts/alert-rows.ts';
import { record } from '../../../src/store/projections/record.ts';
import { setSwitch } from '../../../src/alerts/switches.ts';
import { stateTable } from '../../../src/store/state/state-rows.ts';
import { createWebhook } from '../../../src/transports/webhook/webhook.ts';
import { createAlertExecutor } from '../../../src/watch/carry-out-alert.ts';
import type { WatchContext } from '../../../src/watch/context.ts';
import { createCoverageMonitor } from '../../../src/watch/coverage-monitor.ts';
import { handleNotice } from '../../../src/watch/notice-consumer.ts';
import { plan } from '../../../src/watch/plan.ts';
import { createWatchContext } from '../../../src/watch/role.ts';
import { eod } from '../../support/boards.ts';
import { acknowledgement, at, idOf, recorded, registration, snooze, status } from '../../support/events.ts';
import { createBackend, type TestBackend } from '../../support/harness.ts';
import { keptLog } from '../../support/log-lines.ts';
import { until } from '../../support/until.ts';
import { openReceiver, secret, type Receiver } from './receiver.ts';

/** Alerts from the tables to a receiver on this machine, at a time that the test moves. */

const time = { at: Date.parse(at('19:00:00.000')) };
const clock = createClock({}, () => time.at);
let backend: TestBackend;
beforeAll(async () => {
  backend = await createBackend({ clock });
});
afterAll(() => {
  backend.close();
});

let born = 0;

/** A board of this test's own whose alerts go to a webhook, and processes that watch over it. */
async function openStage(others: readonly Transport[] = [], to = ['webhook:ops']) {
  born += 1;
  const number = born;
  const receiver = await openReceiver({ checksTime: false });
  const board = { ...eod, name: `hooked-${number}`, routes: to.map((name) => ({ to: name })) };
  const night = `${board.name}/2099-11-24`;
  const { store } = backend;
  const { log, lines } = keptLog('warn');
  const process = (url = receiver.url): WatchContext => {
    const secrets = [Buffer.from(secret.slice('whsec_'.length), 'base64')];
    const hook = createWebhook({ name: 'ops', url: new URL(url), secrets, isAllowed: true }, clock);
    return createWatchContext({
      ...{ store, clock, log, leaseSeconds: 60, boards: [board], transports: [hook, ...others] },
      coverageMonitor: createCoverageMonitor(store, clock),
      displayOf: () => {
        throw new Error('nothing is shown here');
      },
      stale: { defaultTimeoutMs: 600_000 },
      queued: () => Promise.resolve(0),
    });
  };
  const id = (name: string): string => `${name}-${number}`;
  const happen = async (...events: readonly RondaEvent[]): Promise<void> => {
    for (const outcome of await record(
      store,
      events.map((event) => recorded(event)),
    ))
      if (!outcome.ok) throw outcome.error;
  };
  /** What a round does about alerts. */
  const round = async (context: WatchContext): Promise<void> => {
    await context.switches.refresh();
    const now = clock.now();
    const never = -Infinity;
    const view = {
      ...{ board, messages: [], ...(await queryAlerts(store, night)) },
      transports: new Map(
        [...context.transports].filter(([, one]) => context.switches.offBecause(one) === undefined),
      ),
      input: {
        ...{ now, real: now, monotonic: now, watermark: null, judgedAt: null, summaryWait: 0, tolerance: 0 },
        ...{ unpostedAfter: 600_000, leaseMs: 60_000, liveEveryMs: null, staleEveryMs: 60_000, slots: null },
        last: { live: never, oldNights: never, emptySummary: never, stale: never },
      },
    };
    const actions = plan(view);
    // Slack is away all the time: nothing is done under its back-off.
    const executor = await createAlertExecutor(context, view, actions, async (_what, work, under) => {
      if (under !== undefined) await work();
    });
    for (const action of actions) if ('alert' in action) await executor.carryOut(action);
    await context.pushes.idle();
  };
  const notice = async (name: string) => {
    const failure = status({
      ...{
        scheduler_id: id(name),
        status: 'failed',
        error_message: 'Traceback (most recent call last):\n  x\nOSError: disk full',
      },
      ...{ occurred_at: at('18:40:00.000'), event_id: idOf(40) },
    });
    await happen(
      registration({
        scheduler_id: id(name),
        occurred_at: at('09:00:00.000'),
        owner_email: 'sari@example.com',
      }),
      failure,
    );
    const key = alertKey(failure, night);
    await createAlert(store, failure, key, new Date(clock.now()).toISOString());
    return { night, message_key: key.alert_key };
  };
  const fail = async (context: WatchContext, name = 'job') => {
    const key = await notice(name);
    expect(await handleNotice(context, key)).toBe('done');
    await context.pushes.idle();
    return key;
  };
  return {
    ...{ receiver, process, happen, round, fail, notice, id, lines },
    deliveries: async () => (await queryAlerts(store, night)).deliveries,
  };
}

const delivered = ({ received }: Receiver) =>
  received.map(({ payload: { type, data } }) => `${type} ${data.alert.scheduler_id.replace(/-\d+$/, '')}`);

describe('a receiver', () => {
  test('gets each transition once, in order, with what it needs', async () => {
    const { receiver, process, happen, round, fail, id } = await openStage();
    const context = process();
    await fail(context);
    const job = { scheduler_id: id('job') };
    await happen(
      acknowledgement({
        ...job,
        failure_event_id: idOf(40),
        by: 'rina',
        occurred_at: at('18:50:00.000'),
        event_id: idOf(60),
      }),
    );
    await round(context);
    await happen(
      snooze({
        ...job,
        occurred_at: at('18:55:00.000'),
        until: at('20:00:00.000'),
        by: 'rina',
        event_id: idOf(61),
      }),
    );
    await round(context);
    await happen(
      status({ ...job, status: 'completed', occurred_at: at('18:58:00.000'), event_id: idOf(50) }),
    );
    await round(context);
    await round(context);
    expect(delivered(receiver)).toEqual([
      'alert.opened job',
      'alert.acknowledged job',
      'alert.snoozed job',
      'alert.resolved job',
    ]);
    expect(receiver.received.map(({ payload }) => payload)).toMatchObject([
      {
        timestamp: at('19:00:00.000'),
        data: {
          number: 1,
          alert: {
            kind: 'failure',
            severity: 'error',
            failed_at: at('18:40:00.000'),
            cause: 'OSError: disk full',
            owner: { email: 'sari@example.com', slack_user_id: null },
          },
        },
      },
      { timestamp: at('18:50:00.000'), data: { number: 2, by: 'rina' } },
      { data: { number: 3, until: at('20:00:00.000') } },
      { timestamp: at('18:58:00.000'), data: { number: 4, outcome: 'recovered' } },
    ]);
    expect(new Set(receiver.received.map(({ id: of }) => of)).size).toBe(4);
    expect(new Set(receiver.received.map(({ payload }) => payload.data.alert.key)).size).toBe(1);
  });

  test('that two processes deliver to at once gets it once', async () => {
    const { receiver, process, fail, round } = await openStage();
    const [one, two] = [process(), process()];
    receiver.answer = () => 503;
    await fail(one);
    receiver.answer = () => 204;
    time.at += 60_000;
    const before = receiver.received.length;
    await Promise.all([round(one), round(two), round(one)]);
    expect(receiver.received.length - before).toBe(1);
  });

  test('that was away gets what it missed, in order, with growing waits', async () => {
    const { receiver, process, happen, fail, round, id, deliveries } = await openStage();
    const context = process();
    receiver.answer = () => 500;
    await fail(context);
    await happen(
      status({
        scheduler_id: id('job'),
        status: 'completed',
        occurred_at: at('18:58:00.000'),
        event_id: idOf(50),
      }),
    );
    const waits: number[] = [];
    for (let tries = 0; tries < 4; tries += 1) {
      const [row] = await deliveries();
      expect(row).toMatchObject({ delivered: 0, problem: 'HTTP 500', failed: false });
      waits.push((row?.next_at ?? 0) - time.at);
      time.at = row?.next_at ?? 0;
      await round(context);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(new Set(receiver.received.map(({ id: of }) => of)).size).toBe(1);
    receiver.answer = () => 204;
    time.at += 600_000;
    await round(context);
    expect(delivered(receiver).slice(-2)).toEqual(['alert.opened job', 'alert.resolved job']);
    expect(await deliveries()).toMatchObject([{ delivered: 2, failed: false, problem: null }]);
  });

  test('that was away for 24 h is given up, with an error in the log', async () => {
    const { receiver, process, fail, round, lines, deliveries } = await openStage();
    const context = process();
    receiver.answer = () => 500;
    await fail(context);
    time.at += 24 * 3_600_000 - 1;
    await round(context);
    expect(await deliveries()).toMatchObject([{ failed: false }]);
    time.at += 600_001;
    await round(context);
    expect(await deliveries()).toMatchObject([{ failed: true, problem: 'HTTP 500' }]);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      {
        msg: 'alert not delivered, and not tried again: see what the transport answers, then "ronda alerts resend"',
      },
    ]);
    const tried = receiver.received.length;
    time.at += 3_600_000;
    await round(context);
    expect(receiver.received).toHaveLength(tried);
  });

  test('that says 410 is turned off for every process, until it is set to another address or turned on', async () => {
    const { receiver, process, fail, round, lines } = await openStage();
    const [one, two] = [process(), process()];
    receiver.answer = () => 410;
    await fail(one);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { msg: 'transport turned off: mend what it reports, then "ronda alerts test" turns it on' },
    ]);
    receiver.answer = () => 204;
    await two.switches.refresh();
    for (const context of [one, two]) {
      await fail(context, context === one ? 'second' : 'third');
      await round(context);
    }
    expect(receiver.received).toHaveLength(1);
    // At another address it is on.
    const moved = await openReceiver({ checksTime: false });
    await round(process(moved.url));
    expect(delivered(moved).toSorted()).toEqual(['alert.opened second', 'alert.opened third']);
    const [hook] = two.transports.values();
    if (hook !== undefined) await setSwitch(stateTable(backend.store), hook, null, clock);
    time.at += 30_000;
    await fail(two, 'fourth');
    await two.switches.refresh();
    await round(two);
    expect(delivered(receiver)).toEqual(['alert.opened job', 'alert.opened fourth']);
  });

  test('that gets a transition twice, since a process died before it could write that down, knows it by its id', async () => {
    const { receiver, process, notice, round } = await openStage();
    const dying = process();
    const swap = dying.deliveries.swap;
    let writes = 0;
    const killed = {
      ...dying,
      deliveries: {
        ...dying.deliveries,
        // The lease is written; what came of it no more.
        swap: (...given: Parameters<typeof swap>) => {
          writes += 1;
          return writes === 1 ? swap(...given) : Promise.reject(new Error('killed'));
        },
      },
    };
    const { createPushRunner } = await import('../../../src/watch/push-runner.ts');
    const context = { ...killed, pushes: createPushRunner(killed) };
    await handleNotice(context, await notice('job'));
    await context.pushes.idle();
    const other = process();
    await round(other);
    expect(receiver.received).toHaveLength(1);
    time.at += 60_001;
    await round(other);
    expect(delivered(receiver)).toEqual(['alert.opened job', 'alert.opened job']);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  });

  test('beside which another transport is away is told all the same, and so are the others', async () => {
    const shown: string[] = [];
    const named = (name: string, deliver: Transport['deliver']): Transport => ({
      ...{ name, reconciles: true, deliver, test: () => Promise.resolve('') },
    });
    const away = named('slack', () => Promise.reject(new Error('away')));
    const well = named('slack:C0WELL', ({ alert }) => {
      shown.push(alert.scheduler_id);
      return Promise.resolve('delivered');
    });
    const stage = await openStage([away, well], ['slack', 'slack:C0WELL', 'webhook:ops']);
    const context = stage.process();
    await expect(handleNotice(context, await stage.notice('job'))).rejects.toThrow('away');
    await context.pushes.idle();
    expect(shown).toEqual([stage.id('job')]);
    expect(delivered(stage.receiver)).toEqual(['alert.opened job']);
  });

  test('that does not answer holds up no other transport and no round', async () => {
    const shown: string[] = [];
    const quick: Transport = {
      name: 'slack',
      reconciles: true,
      deliver: ({ alert }: { readonly alert: Alert }) => {
        shown.push(alert.scheduler_id);
        return Promise.resolve('delivered');
      },
      test: () => Promise.resolve(''),
    };
    const { receiver, process, notice, id } = await openStage([quick], ['webhook:ops', 'slack']);
    let release: (status: number) => void = () => undefined;
    receiver.answer = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const context = process();
    expect(await handleNotice(context, await notice('job'))).toBe('done');
    expect(shown).toEqual([id('job')]);
    await until('the receiver has it', () => receiver.received.length > 0);
    release(204);
    await context.pushes.idle();
  });
});
