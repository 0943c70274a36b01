import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RequestHandler } from 'express';
import { pause, type Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { BoardSpec } from '../../night/boards.ts';
import { messagesIn } from '../../queue/depth.ts';
import { createPublisher } from '../../queue/publisher.ts';
import type { QueueUrls } from '../../queue/topology.ts';
import { messageTable } from '../../store/messages/messages.ts';
import type { Store } from '../../store/store.ts';
import { createSlackApp } from './app.ts';
import { createOwners } from './alerts/owners.ts';
import { createSlackApi, type SlackApi } from './api.ts';
import type { SlackContext } from './context.ts';
import { createMessenger } from './messenger/messenger.ts';
import { startNotices } from './notice-consumer.ts';
import { createPacing } from './messenger/pacing.ts';
import { RefusedError } from './slack-errors.ts';
import { createCoverageMonitor } from './watch/coverage-monitor.ts';
import { createTokenWatch, keepAsking } from './watch/token.ts';
import { createKeyedMutex } from './keyed-mutex.ts';
import { advice } from './watch/slack-backoff.ts';
import { startWatch } from './watch/watch.ts';

export type SlackRoleOptions = {
  readonly store: Store;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly access: {
    readonly token: string;
    readonly signingSecret: string | undefined;
    readonly appToken: string | undefined;
    /** Another base URL of the Web API, with a slash at its end. */
    readonly apiUrl: string | undefined;
  };
  readonly tableKind: 'table' | 'data_table';
  /** Whether people of other organisations may act. */
  readonly allowExternal: boolean;
  readonly live: boolean;
  readonly liveEveryMs?: number | undefined;
  /** Ronda ms. */
  readonly defaultTimeoutMs: number;
  readonly staleCheckMs: number;
  readonly leaseSeconds: number;
  readonly visibilitySeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Where Slack sends commands, clicks and events when there is no Socket Mode. */
const slackPath = '/slack/events';

export type SlackRole = {
  /** Where Slack sends to. */
  readonly path: string;
  /** Takes what Slack sends there; passes everything else on. */
  readonly requests: RequestHandler;
  /** What Slack has against the token, for people; null: it took it when last asked. */
  readonly problem: () => string | null;
  /** Begins nothing new and finishes what is in hand; whoever waits for it decides how long. */
  readonly stop: () => Promise<void>;
};

/** Starts watching over the nights in Slack. Slack being away keeps nothing from starting. */
export function startSlack(options: SlackRoleOptions): SlackRole {
  const { store, sqs, queues, boards, access, leaseSeconds, clock, log } = options;
  const { token, apiUrl } = access;
  const tokenWatch = createTokenWatch(log);
  const api = createSlackApi({
    token,
    slackApiUrl: apiUrl,
    leaseSeconds,
    pacing: createPacing(clock),
    asked: tokenWatch.asked,
  });
  const coverageMonitor = createCoverageMonitor(store, clock);
  const context: SlackContext = {
    store,
    table: messageTable(store),
    api,
    messenger: createMessenger({ store, api, clock, log, owner: randomUUID(), leaseSeconds }),
    owners: createOwners(api, clock, log),
    exclusively: createKeyedMutex(),
    coverageMonitor,
    boards,
    tableKind: options.tableKind,
    defaultTimeoutMs: options.defaultTimeoutMs,
    leaseMs: leaseSeconds * 1_000,
    queued: () => messagesIn(sqs.send, queues.events.url),
    clock,
    log,
  };
  const publisher = createPublisher(sqs.send, queues.events.url);
  const app = createSlackApp({
    ...access,
    signingSecret: access.signingSecret ?? '',
    store,
    publisher,
    boards,
    stale: { defaultTimeoutMs: options.defaultTimeoutMs },
    coverage: coverageMonitor.current,
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
  const watch = startWatch(context, options);
  const notices = startNotices({ context, sqs, queues, visibilitySeconds: options.visibilitySeconds });
  return {
    path: slackPath,
    requests: at(slackPath, app.handler),
    problem: tokenWatch.problem,
    stop: async () => {
      stopped.abort();
      await starting;
      await Promise.all([watch.stop(), notices.stop(), checking, app.stop()]);
      await publisher.close();
    },
  };
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
        log.error({ err: error }, `slack refuses: ${advice(error)}`);
        return;
      }
      log.warn({ err: error }, 'slack could not be asked for the channel: it is asked again');
      await pause(checkAgainMs, signal);
    }
  }
}
