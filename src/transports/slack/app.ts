import { App, type webApi } from '@slack/bolt';
import type { RequestHandler } from 'express';
import { createVerdictReader } from '../../board/read-verdicts.ts';
import { within } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { Publisher } from '../../queue/publisher.ts';
import { createWork } from './listeners/answers.ts';
import { registerButtons } from './listeners/buttons.ts';
import { registerEod } from './listeners/eod.ts';
import { registerHome } from './listeners/home.ts';
import type { ListenerContext } from './listeners/listener-context.ts';
import { registerOwnTeam, type OwnTeamOptions } from './listeners/own-team.ts';
import { slackFetch } from './outbound.ts';
import type { BoardQueries } from './board-queries.ts';
import { boltLog, withoutSecrets } from './receivers/bolt-log.ts';
import { createHttpReceiver } from './receivers/http.ts';
import { createSocketMode } from './receivers/socket-mode.ts';
import type { TableKind } from './render/tables.ts';

export type SlackAppOptions = Omit<BoardQueries, 'verdicts'> & {
  /** The bot's, `xoxb-…`. */
  readonly token: string;
  readonly signingSecret: string;
  /** `xapp-…`; with it Slack is reached by Socket Mode, without it Slack calls us. */
  readonly appToken?: string | undefined;
  /** Base URL of the Web API, with a slash at its end, where it is not Slack's own. */
  readonly apiUrl?: string | undefined;
  /** Who we are in Slack, and whether people of other organisations may act. */
  readonly identity: OwnTeamOptions['identity'];
  readonly allowExternal: boolean;
  /** Of the events queue. It is closed by whoever made it, after `stop`. */
  readonly publisher: Publisher;
  readonly table?: TableKind;
  readonly log: Logger;
};

export type SlackApp = {
  /** For `POST /slack/events`; undefined in Socket Mode. */
  readonly handler: RequestHandler | undefined;
  /** Begins to listen. Resolves at once and never rejects, Slack there or not. */
  readonly start: () => Promise<void>;
  /**
   * Ends the connection of Socket Mode and finishes what is in hand, within 7 s. The handler goes on taking requests
   * until whoever mounted it stops listening.
   */
  readonly stop: () => Promise<void>;
};

/** An answer that takes longer comes too late for the person. Real ms. */
const callMs = 5_000;

/**
 * What people do in Slack: `/eod`, the buttons of alerts, App Home. Nothing is asked of Slack at the start, so that
 * a Slack that is away harms nothing; and nothing that goes wrong in a listener leaves it.
 */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { token, signingSecret, appToken, apiUrl, clock, log, table = 'table' } = options;
  const fetchSlack = slackFetch(apiUrl);
  const clientOptions = {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    timeout: callMs,
    rejectRateLimitedCalls: true,
    // Bolt answers at response URLs by this, too, and there without a time-out.
    fetch: (url, init) => fetchSlack(url, { ...init, signal: signalOf(init?.signal) }),
  } satisfies webApi.WebClientOptions;

  const http = appToken === undefined ? createHttpReceiver({ signingSecret, clock, log }) : undefined;
  const socket =
    appToken === undefined ? undefined : createSocketMode({ appToken, clientOptions, clock, log });
  const receiver = http?.receiver ?? socket?.receiver;
  const app = new App({
    ...(receiver === undefined ? {} : { receiver }),
    // Not `token`: with one Bolt would ask Slack who we are.
    authorize: () => Promise.resolve({ botToken: token }),
    tokenVerificationEnabled: false,
    // Of all events only App Home's is listened to, and that is always a person's.
    ignoreSelf: false,
    convoStore: false,
    clientOptions,
    logger: boltLog(log),
  });
  app.error((error) => {
    log.warn({ code: error.code }, `Bolt: ${withoutSecrets(error.message)}`);
    return Promise.resolve();
  });
  const work = createWork(log);
  const verdicts = createVerdictReader(options.store, options.boards);
  const listener: ListenerContext = { ...options, verdicts, table, work };
  registerOwnTeam(app, options);
  registerEod(app, listener);
  registerButtons(app, listener);
  registerHome(app, listener);

  return {
    handler: http?.handler,
    start: () => {
      socket?.start();
      return Promise.resolve();
    },
    stop: async () => {
      await socket?.stop();
      await within(callMs, work.done());
    },
  };
}

function signalOf(own: AbortSignal | null | undefined): AbortSignal {
  const limit = AbortSignal.timeout(callMs);
  return own === null || own === undefined ? limit : AbortSignal.any([own, limit]);
}
