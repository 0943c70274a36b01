import type { AlertContext } from '../alerts/context.ts';
import type { BoardSource } from '../board/read-board.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { CoverageMonitor } from './coverage-monitor.ts';
import type { NightDisplay } from '../board/night-display.ts';
import type { PushRunner } from './push-runner.ts';

/** What the watch works on. */
export type WatchContext = AlertContext &
  BoardSource & {
    readonly coverageMonitor: CoverageMonitor;
    /** Where a board's nights are shown. */
    readonly displayOf: (board: BoardSpec) => NightDisplay;
    readonly pushes: PushRunner;
    /** How many events wait unread. */
    readonly queued: () => Promise<number>;
  };
