import { backoffMs } from '../src/backoff.ts';
import { createClock, pause, within, type Clock } from '../src/clock.ts';
import { DependencyError } from '../src/errors.ts';
import type { Logger } from '../src/log.ts';
import { inMemory, inUse } from './data-dir.ts';
import { answers, isAlive, readRunning, type Endpoints, type RunningEngines } from './endpoints.ts';
import { startChild } from './engines-child.ts';
import { localAppOf, newLocalApp, type LocalApp } from './slack/local-app.ts';

const startTimeoutMs = 30_000;
const probeEveryMs = 1_000;
const probeTimeoutMs = 2_000;
/** Failed probes in a row after which joined engines count as dead: a busy one may miss a probe. */
const probesMissed = 3;
/** Between tries while other engines hold the data directory. */
const retryMs = 200;
const restartBackoff = { firstMs: 100, maxMs: 10_000 };
const stopWithinMs = 4_500;
/** Engines that lived this long died of something new: the delay starts small again. */
const settledMs = 60_000;

export type KeepOptions = {
  readonly dataDir: string;
  readonly log: Logger;
  /** What node runs as the engines process, for tests. */
  readonly command?: readonly string[];
};

export type KeptEngines = Endpoints & {
  /** Ronda as an app of the workspace. */
  readonly app: LocalApp;
  /** Ends the engines if they were started here, within 5 s; those that were joined go on. */
  readonly stop: () => Promise<void>;
  /** Calls after every restart, once both engines answer; called again if it rejects or they die meanwhile. */
  readonly onRestart: (callback: () => Promise<void>) => void;
};

/** Engines that run, whoever started them. */
type Source = {
  readonly at: Endpoints;
  /** Resolves, with the reason, once they no longer run. */
  readonly gone: Promise<string>;
  readonly isGone: () => boolean;
  readonly stop: () => Promise<void>;
};

/**
 * Sees to it that the engines of a data directory run: joins those that do, otherwise starts them, and starts
 * them again at the same ports, with growing delay, whenever they die.
 * @throws DependencyError if they cannot be started
 */
export async function keepEngines(options: KeepOptions): Promise<KeptEngines> {
  const { log } = options;
  const clock = createClock();
  const callbacks: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  const over = (): boolean => signal.aborted;
  const appInMemory = options.dataDir === inMemory ? newLocalApp() : undefined;
  let source = await obtain(options, clock, signal, appInMemory);
  const { at } = source;

  const bringBack = async (): Promise<boolean> => {
    try {
      if (source.isGone()) source = await obtain(options, clock, signal, appInMemory, at);
      for (const callback of [...callbacks]) await callback();
      return true;
    } catch (error) {
      if (!over()) log.error({ err: error }, 'the embedded engines are not back yet');
      return false;
    }
  };
  const keep = async (): Promise<void> => {
    let attempt = 0;
    while (!over()) {
      const since = clock.monotonic();
      const why = await Promise.race([source.gone, aborted(signal)]);
      if (over()) return;
      log.warn({ why }, 'the embedded engines died and are started again');
      if (clock.monotonic() - since > settledMs) attempt = 0;
      for (let back = false; !back && !over();) {
        attempt += 1;
        await pause(backoffMs(restartBackoff, attempt), signal);
        back = !over() && (await bringBack());
      }
    }
  };
  const keeping = keep();

  return {
    ...at,
    app: appInMemory ?? localAppOf(options.dataDir),
    onRestart: (callback) => {
      callbacks.push(callback);
    },
    stop: async () => {
      stopping.abort();
      // A restart under way gives up by itself, unless a callback waits for engines that are gone now.
      await within(stopWithinMs, Promise.all([source.stop(), keeping]));
      await source.stop();
    },
  };
}

/**
 * Joins or starts engines, at `at` if given. Of two programs that start at once on one data directory, one
 * finds it in use: the other's engines are then about to answer, or about to be gone.
 */
async function obtain(
  options: KeepOptions,
  clock: Clock,
  signal: AbortSignal,
  app: LocalApp | undefined,
  at?: Endpoints,
): Promise<Source> {
  const { dataDir, command } = options;
  const deadline = clock.monotonic() + startTimeoutMs;
  for (;;) {
    const running = dataDir === inMemory ? undefined : readRunning(dataDir);
    if (running !== undefined && (await runs(running))) {
      if (
        at !== undefined &&
        !(running.sqs === at.sqs && running.dynamodb === at.dynamodb && running.slack === at.slack)
      ) {
        throw new DependencyError(
          'embedded engines',
          `they came back at other ports, ${running.sqs}: start anew`,
        );
      }
      const joined = { sqs: running.sqs, dynamodb: running.dynamodb, slack: running.slack };
      return toSource(joined, silence(running, signal), () => Promise.resolve());
    }
    try {
      const child = await startChild({ dataDir, command, at, app, signal });
      return toSource(child.at, child.exited, child.stop);
    } catch (error) {
      const held = error instanceof DependencyError && error.message.includes(inUse);
      if (!held || signal.aborted || clock.monotonic() >= deadline) throw error;
    }
    await pause(retryMs, signal);
  }
}

function toSource(at: Endpoints, gone: Promise<string>, stop: () => Promise<void>): Source {
  let isGone = false;
  void gone.then(() => {
    isGone = true;
  });
  return { at, gone, isGone: () => isGone, stop };
}

async function runs(running: RunningEngines): Promise<boolean> {
  return isAlive(running.pid) && (await answers(running, probeTimeoutMs));
}

/** Resolves once engines of another parent no longer run, or when `signal` aborts. */
async function silence(running: RunningEngines, signal: AbortSignal): Promise<string> {
  let missed = 0;
  while (!signal.aborted) {
    await pause(probeEveryMs, signal);
    if (!isAlive(running.pid)) return `process ${running.pid} is gone`;
    missed = (await answers(running, probeTimeoutMs)) ? 0 : missed + 1;
    if (missed === probesMissed) return `process ${running.pid} does not answer`;
  }
  return 'no longer watched';
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('no longer watched');
    });
  });
}
