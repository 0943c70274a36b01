import type { AlertContext } from '../alerts/context.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { CoverageMonitor } from './coverage-monitor.ts';
import type { NightDisplay } from '../board/night-display.ts';
import type { PushRunner } from './push-runner.ts';

/** What the watch works on. */
export type WatchContext = AlertContext & {
  readonly coverageMonitor: CoverageMonitor;
  /** Where a board's nights are shown. */
  readonly displayOf: (board: BoardSpec) => NightDisplay;
  readonly pushes: PushRunner;
  /** A running job without a sign of life for longer is stale, unless its registration says otherwise. Ronda ms. */
  readonly defaultTimeoutMs: number;
  /** How many events wait unread. */
  readonly queued: () => Promise<number>;
};
