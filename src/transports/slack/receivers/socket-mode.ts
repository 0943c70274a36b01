import { SocketModeReceiver, type webApi } from '@slack/bolt';
import { backoffMs } from '../../../backoff.ts';
import { pause, timedOut, within, type Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import { classify, RefusedError } from '../slack-errors.ts';
import { boltLog } from './bolt-log.ts';

export type SocketModeOptions = {
  readonly appToken: string;
  readonly clientOptions: webApi.WebClientOptions;
  readonly clock: Clock;
  readonly log: Logger;
};

export type SocketMode = {
  readonly receiver: SocketModeReceiver;
  /** Connects, and again whenever the connection ends, until it is stopped. Never throws. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
};

/** Slack answers a connection's request at once or not at all. Real ms. */
const connectMs = 30_000;
const waits = { firstMs: 1_000, maxMs: 60_000 };
/** A connection that lasted so long was a good one: the next is made at once. Real ms. */
const steadyMs = 60_000;
const goodbyeMs = 2_000;

/**
 * Slack over a WebSocket that we open. The client's own reconnecting is switched off: when Slack refuses or cannot
 * be reached while it reconnects, its promise is rejected where nobody can catch it, and the process would end
 * (so in @slack/socket-mode 3.1). So connecting again is done here, with growing pauses.
 */
export function createSocketMode({ appToken, clientOptions, clock, log }: SocketModeOptions): SocketMode {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: boltLog(log),
    autoReconnectEnabled: false,
    installerOptions: { clientOptions },
  });
  const { client } = receiver;
  const stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();

  const connectOnce = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => {
      client.once('disconnected', () => {
        resolve();
      });
    });
    try {
      if ((await within(connectMs, client.start())) === timedOut) throw new Error('no connection in time');
    } catch (error) {
      client.disconnect().catch(ignore);
      throw error;
    }
    if (stopped.signal.aborted) client.disconnect().catch(ignore);
    else log.info('connected to Slack by Socket Mode');
    await ended;
  };

  const keepConnected = async (): Promise<void> => {
    let failures = 0;
    for (;;) {
      const began = clock.monotonic();
      await connectOnce().catch((error: unknown) => {
        report(error, log);
      });
      if (stopped.signal.aborted) return;
      failures = clock.monotonic() - began > steadyMs ? 0 : failures + 1;
      await pause(backoffMs(waits, failures), stopped.signal);
    }
  };

  return {
    receiver,
    start: () => {
      running = keepConnected();
    },
    stop: async () => {
      stopped.abort();
      client.disconnect().catch(ignore);
      await within(goodbyeMs, running);
    },
  };
}

/** A token that Slack does not take is a person's to replace; anything else passes. */
function report(error: unknown, log: Logger): void {
  const classified = classify('apps.connections.open', error);
  const isOurs = classified instanceof RefusedError && classified.kind === 'auth';
  log[isOurs ? 'error' : 'warn']({ err: classified }, 'Slack cannot be reached by Socket Mode; trying again');
}

function ignore(): void {
  // The connection has ended either way; what it was about has been handed on.
}
