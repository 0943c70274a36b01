import type { RunningWorkspace } from '../../../localstack/slack/workspace.ts';
import type { RondaEvent } from '../../../src/events/event.ts';
import { silent, type Logger } from '../../../src/log.ts';
import { createSlackApi } from '../../../src/transports/slack/api.ts';
import type { SlackContext } from '../../../src/transports/slack/context.ts';
import { createPacing } from '../../../src/transports/slack/messenger/pacing.ts';
import { createNightDisplay } from '../../../src/transports/slack/night/display.ts';
import { createSlackContext, slackTransports } from '../../../src/transports/slack/slack.ts';
import type { WatchContext } from '../../../src/watch/context.ts';
import { createCoverageMonitor } from '../../../src/watch/coverage-monitor.ts';
import { createWatchContext } from '../../../src/watch/role.ts';
import { record } from '../../../src/store/projections/record.ts';
import type { Store } from '../../../src/store/store.ts';
import { recorded } from '../../support/events.ts';
import { localToken } from '../../support/local-app.ts';

let born = 0;

export type SlackProcess = Pick<WatchContext, 'boards' | 'clock'> & {
  readonly store: Store;
  readonly workspace: RunningWorkspace;
  /** Passes the time that Slack asks to wait for, ms. */
  readonly pause: (ms: number) => Promise<void>;
  readonly log?: Logger;
  readonly defaultTimeoutMs?: number;
  readonly queued?: WatchContext['queued'] | undefined;
};

/** A process of the watch. */
export type Process = WatchContext & { readonly slack: SlackContext };

/** A process of the watch towards a real workspace: its own client, pace, messenger, name and caches. */
export function openSlackProcess(options: SlackProcess): Process {
  born += 1;
  const { store, workspace, boards, clock, pause, log = silent } = options;
  const leaseSeconds = 60;
  const api = createSlackApi({
    token: localToken,
    slackApiUrl: `${workspace.url}/api/`,
    leaseSeconds,
    pacing: createPacing(clock, pause),
  });
  const owner = `replica-${born}`;
  const common = { store, boards, leaseSeconds, clock, log };
  const slack = createSlackContext({ ...common, api, owner, pause, tableKind: 'table' });
  const context = createWatchContext({
    ...common,
    coverageMonitor: createCoverageMonitor(store, clock),
    displayOf: (board) => createNightDisplay(slack, board),
    transports: slackTransports(slack),
    stale: { defaultTimeoutMs: options.defaultTimeoutMs ?? 600_000 },
    queued: options.queued ?? (() => Promise.resolve(0)),
  });
  return { ...context, slack };
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
