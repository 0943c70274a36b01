import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AlertContext } from '../alerts/context.ts';
import { createSwitches } from '../alerts/switches.ts';
import { createVerdictReader } from '../board/read-verdicts.ts';
import type { Transport } from '../alerts/transport.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { BoardSpec } from '../night/boards.ts';
import { messagesIn } from '../queue/depth.ts';
import type { QueueUrls } from '../queue/topology.ts';
import { alertTable, deliveryTable } from '../store/alerts/alert-rows.ts';
import { stateTable } from '../store/state/state-rows.ts';
import type { Store } from '../store/store.ts';
import type { WatchContext } from './context.ts';
import type { CoverageMonitor } from './coverage-monitor.ts';
import { startNotices } from './notice-consumer.ts';
import { createPushRunner } from './push-runner.ts';
import { createSlotFacts } from './slot-facts.ts';
import { startWatch, type WatchOptions } from './watch.ts';

export type WatchRoleOptions = WatchOptions &
  Pick<WatchContext, 'coverageMonitor' | 'displayOf' | 'stale'> & {
    readonly store: Store;
    readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
    readonly queues: QueueUrls;
    readonly boards: readonly [BoardSpec, ...BoardSpec[]];
    readonly transports: readonly Transport[];
    readonly coverageMonitor: CoverageMonitor;
    readonly leaseSeconds: number;
    readonly visibilitySeconds: number;
    readonly clock: Clock;
    readonly log: Logger;
  };

/** Starts watching over the nights: rounds that carry out the plan, and alerts as their notices come. */
export function startWatchRole(options: WatchRoleOptions): { readonly stop: () => Promise<void> } {
  const { sqs, queues } = options;
  const context = createWatchContext({
    ...options,
    queued: () => messagesIn(sqs.send, queues.events.url),
  });
  const watch = startWatch(context, options);
  const notices = startNotices({ context, sqs, queues, visibilitySeconds: options.visibilitySeconds });
  return {
    stop: async () => {
      await Promise.all([watch.stop(), notices.stop()]);
      await context.pushes.idle();
    },
  };
}

/** What the watch of one process works on. */
export function createWatchContext(
  options: Pick<WatchRoleOptions, 'store' | 'boards' | 'transports' | 'leaseSeconds' | 'clock' | 'log'> &
    Pick<WatchContext, 'coverageMonitor' | 'displayOf' | 'stale' | 'queued'>,
): WatchContext {
  const { store, boards, clock, log } = options;
  const { coverageMonitor, stale } = options;
  const verdicts = createVerdictReader(store, boards);
  const alertContext: AlertContext = {
    store,
    slots: createSlotFacts({ store, boards, verdicts, stale }, coverageMonitor),
    alerts: alertTable(store),
    deliveries: deliveryTable(store),
    boards,
    transports: new Map(options.transports.map((transport) => [transport.name, transport])),
    switches: createSwitches(stateTable(store), options.transports, clock),
    owner: randomUUID(),
    leaseMs: options.leaseSeconds * 1_000,
    clock,
    log,
  };
  return {
    ...alertContext,
    coverageMonitor,
    displayOf: options.displayOf,
    pushes: createPushRunner(alertContext),
    stale,
    queued: options.queued,
    verdicts,
  };
}
