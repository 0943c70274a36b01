import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Transport } from '../../alerts/transport.ts';
import type { NightDisplay } from '../../board/night-display.ts';
import { pause, type Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { BoardSpec } from '../../night/boards.ts';
import type { KnownCoverage } from '../../night/assess-coverage.ts';
import type { Publisher } from '../../queue/publisher.ts';
import { messageTable } from '../../store/messages/messages.ts';
import { stateTable } from '../../store/state/state-rows.ts';
import type { Store } from '../../store/store.ts';
import { createSlackApp } from './app.ts';
import { createOwners } from './alerts/owners.ts';
import { createSlackTransport } from './alerts/transport.ts';
import { createSlackApi, type SlackApi } from './api.ts';
import type { BoardQueries } from './board-queries.ts';
import type { SlackContext } from './context.ts';
import { createKeyedMutex } from './keyed-mutex.ts';
import { createMessenger } from './messenger/messenger.ts';
import { createPacing } from './messenger/pacing.ts';
import { createNightDisplay } from './night/display.ts';
import { noticingSuccess } from './night/slack-backoff.ts';
import { createTokenWatch, keepAsking } from './night/token.ts';
import { RefusedError } from './slack-errors.ts';

/** How to reach a workspace. */
export type SlackAccess = {
  readonly token: string;
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
  /** Another base URL of the Web API, with a slash at its end. */
  readonly apiUrl: string | undefined;
};

export type SlackOptions = {
  readonly store: Store;
  /** Of the events queue: what people do in Slack is an event. */
  readonly publisher: Publisher;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly access: SlackAccess;
  readonly tableKind: 'table' | 'data_table';
  /** Whether people of other organisations may act. */
  readonly allowExternal: boolean;
  readonly stale: BoardQueries['stale'];
  readonly coverage: () => KnownCoverage;
  readonly leaseSeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Where Slack sends commands, clicks and events when there is no Socket Mode. */
const slackPath = '/slack/events';

export type Slack = {
  /** Of alerts: to each board's channel, and to other channels that routes name. */
  readonly transports: readonly Transport[];
  readonly displayOf: (board: BoardSpec) => NightDisplay;
  /** Where Slack sends to. */
  readonly path: string;
  /** Takes what Slack sends there; passes everything else on. */
  readonly requests: RequestHandler;
  /** What Slack has against the token, for people; null: it took it when last asked. */
  readonly problem: () => string | null;
  /** Begins nothing new and finishes what is in hand; whoever waits for it decides how long. */
  readonly stop: () => Promise<void>;
};

/** Opens a workspace and takes what people do in it. Slack being away keeps nothing from starting. */
export function startSlack(options: SlackOptions): Slack {
  const { store, boards, access, leaseSeconds, clock, log } = options;
  const { token, apiUrl } = access;
  const tokenWatch = createTokenWatch(log);
  const api = createSlackApi({
    token,
    slackApiUrl: apiUrl,
    leaseSeconds,
    pacing: createPacing(clock),
    asked: tokenWatch.asked,
  });
  const context = createSlackContext({ ...options, api, owner: randomUUID() });
  const app = createSlackApp({
    ...access,
    signingSecret: access.signingSecret ?? '',
    store,
    publisher: options.publisher,
    boards,
    stale: options.stale,
    coverage: options.coverage,
    identity: api.authTest,
    allowExternal: options.allowExternal,
    table: options.tableKind,
    clock,
    log,
  });
  const starting = app.start();
  const stopped = new AbortController();
  const checking = Promise.all([
    checkChannels(api, boards, clock, log, stopped.signal),
    keepAsking(api.authTest, askEveryMs, log, stopped.signal),
  ]);
  return {
    transports: slackTransports(context),
    displayOf: (board) => createNightDisplay(context, board),
    path: slackPath,
    requests: at(slackPath, app.handler),
    problem: tokenWatch.problem,
    stop: async () => {
      stopped.abort();
      await starting;
      await Promise.all([checking, app.stop()]);
    },
  };
}

/** What everything that speaks to channels works on, in one process. */
export function createSlackContext(
  options: Pick<SlackOptions, 'store' | 'boards' | 'tableKind' | 'leaseSeconds' | 'clock' | 'log'> & {
    readonly api: SlackApi;
    /** Unlike that of any other process, living or dead. */
    readonly owner: string;
    readonly pause?: (ms: number) => Promise<void>;
  },
): SlackContext {
  const { store, api, clock, log } = options;
  const onPosted: SlackContext['onPosted'] = new Set();
  return {
    table: messageTable(store),
    state: stateTable(store),
    api,
    messenger: noticingSuccess(createMessenger(options), (channel) => {
      for (const posted of onPosted) posted(channel);
    }),
    onPosted,
    owners: createOwners(api, clock, log),
    exclusively: createKeyedMutex(),
    boards: options.boards,
    tableKind: options.tableKind,
    clock,
    log,
  };
}

/** Slack's transports alone, for whoever takes nothing from it. */
export function openSlackTransports({
  access: { token, apiUrl },
  ...options
}: Pick<SlackOptions, 'store' | 'boards' | 'clock' | 'log'> & {
  readonly access: Pick<SlackAccess, 'token' | 'apiUrl'>;
}): Transport[] {
  const leaseSeconds = 60;
  const pacing = createPacing(options.clock);
  const api = createSlackApi({ token, slackApiUrl: apiUrl, leaseSeconds, pacing });
  return slackTransports(
    createSlackContext({ ...options, api, owner: randomUUID(), leaseSeconds, tableKind: 'table' }),
  );
}

/** Slack's transports: `slack`, and `slack:CHANNEL` for each other channel that a route names. */
export function slackTransports(context: SlackContext): Transport[] {
  const named = context.boards.flatMap(({ routes = [] }) =>
    routes.flatMap(({ to }) => (to.startsWith('slack:') ? [to.slice('slack:'.length)] : [])),
  );
  return [
    createSlackTransport(context),
    ...[...new Set(named)].map((channel) => createSlackTransport(context, channel)),
  ];
}

/** Slack posts everything to one path. */
function at(path: string, handler: RequestHandler | undefined): RequestHandler {
  return (request, response, next) => {
    if (handler === undefined || request.path !== path) next();
    else void handler(request, response, next);
  };
}

/** Real ms. */
const askEveryMs = 60_000;
const checkAgainMs = 30_000;

/** Tells an operator at once of a token or channel that cannot work, rather than at midnight. */
async function checkChannels(
  api: Pick<SlackApi, 'authTest' | 'history'>,
  boards: readonly BoardSpec[],
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await api.authTest();
      for (const channel of new Set(boards.map((board) => board.channel))) {
        // Reading it needs what posting and finding again need: that it is there, and the app is in it.
        await api.history({ channel, oldest: clock.real() });
        log.info({ channel }, 'slack channel found');
      }
      return;
    } catch (error) {
      if (error instanceof RefusedError) {
        log.error({ err: error }, `slack refuses: ${error.advice}`);
        return;
      }
      log.warn({ err: error }, 'slack could not be asked for the channel: it is asked again');
      await pause(checkAgainMs, signal);
    }
  }
}
