import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { statSync } from 'node:fs';
import { pause, type Clock } from '../src/clock.ts';

/** Engines run for somebody: once nobody has called them for so long, nobody needs them. Real ms. */
const idleMs = 600_000;
const lookEveryMs = 1_000;
/** https://nodejs.org/api/diagnostics_channel.html#http */
const requests = 'http.server.request.start';

export type Activity = {
  /**
   * Resolves, with why, once engines whose parent is gone are of use to nobody: no server of this process has been
   * called for 10 minutes, or their data directory is gone or another one by now.
   */
  readonly untilAbandoned: (wait?: (ms: number) => Promise<void>) => Promise<string>;
  readonly close: () => void;
};

/** Notes from now on when the HTTP servers of this process are called, and which directory the data lies in. */
export function trackActivity(dataDir: string, clock: Pick<Clock, 'monotonic'>): Activity {
  let called = clock.monotonic();
  const note = (): void => {
    called = clock.monotonic();
  };
  subscribe(requests, note);
  const closed = new AbortController();
  const own = inodeOf(dataDir);
  return {
    untilAbandoned: async (wait = (ms) => pause(ms, closed.signal)) => {
      for (;;) {
        if (closed.signal.aborted) return 'no longer watched';
        if (own === undefined || inodeOf(dataDir) !== own) return 'the data directory is gone';
        if (clock.monotonic() - called >= idleMs) return 'nobody has called for 10 minutes';
        await wait(lookEveryMs);
      }
    },
    close: () => {
      closed.abort();
      unsubscribe(requests, note);
    },
  };
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
