import type { RunningWorkspace } from '../../../localstack/slack/workspace.ts';
import type { RondaEvent } from '../../../src/events/event.ts';
import { silent, type Logger } from '../../../src/log.ts';
import { createOwners } from '../../../src/transports/slack/alerts/owners.ts';
import { createSlackApi } from '../../../src/transports/slack/api.ts';
import type { SlackContext } from '../../../src/transports/slack/context.ts';
import { createMessenger } from '../../../src/transports/slack/messenger/messenger.ts';
import { createPacing } from '../../../src/transports/slack/messenger/pacing.ts';
import { createKeyedMutex } from '../../../src/transports/slack/keyed-mutex.ts';
import { createCoverageMonitor } from '../../../src/transports/slack/watch/coverage-monitor.ts';
import { messageTable } from '../../../src/store/messages/messages.ts';
import { record } from '../../../src/store/projections/record.ts';
import type { Store } from '../../../src/store/store.ts';
import { recorded } from '../../support/facts.ts';
import { localToken } from '../../support/local-app.ts';

let born = 0;

export type SlackProcess = Pick<SlackContext, 'boards' | 'clock'> & {
  readonly store: Store;
  readonly workspace: RunningWorkspace;
  /** Passes the time that Slack asks to wait for, ms. */
  readonly pause: (ms: number) => Promise<void>;
  readonly log?: Logger;
  readonly defaultTimeoutMs?: number;
  readonly queued?: SlackContext['queued'] | undefined;
};

/** A process of the Slack role towards a real workspace: its own client, pace, messenger, name and caches. */
export function openSlackProcess(options: SlackProcess): SlackContext {
  born += 1;
  const { store, workspace, boards, clock, pause, log = silent } = options;
  const leaseSeconds = 60;
  const api = createSlackApi({
    token: localToken,
    slackApiUrl: `${workspace.url}/api/`,
    leaseSeconds,
    pacing: createPacing(clock, pause),
  });
  return {
    store,
    table: messageTable(store),
    api,
    messenger: createMessenger({ store, api, clock, log, owner: `replica-${born}`, leaseSeconds, pause }),
    owners: createOwners(api, clock, log),
    exclusively: createKeyedMutex(),
    coverageMonitor: createCoverageMonitor(store, clock),
    boards,
    tableKind: 'table',
    defaultTimeoutMs: options.defaultTimeoutMs ?? 600_000,
    leaseMs: leaseSeconds * 1_000,
    queued: options.queued ?? (() => Promise.resolve(0)),
    clock,
    log,
  };
}

/** Makes events true, as a consumer does: at most 50 at a time. */
export async function happen(store: Store, ...events: readonly RondaEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += 50) {
    const batch = events.slice(start, start + 50).map((event) => recorded(event));
    for (const outcome of await record(store, batch)) if (!outcome.ok) throw outcome.error;
  }
}

/** Every text that a reader sees in blocks, in their order. */
export function textsOf({ blocks = [] }: { readonly blocks?: readonly unknown[] | undefined }): string[] {
  const texts: string[] = [];
  JSON.stringify(blocks, (name, value: unknown) => {
    if (name === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}
