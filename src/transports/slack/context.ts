import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { BoardSpec } from '../../night/boards.ts';
import type { MessageTable } from '../../store/messages/messages.ts';
import type { Store } from '../../store/store.ts';
import type { Owners } from './alerts/owners.ts';
import type { SlackApi } from './api.ts';
import type { Messenger } from './messenger/messenger.ts';
import type { KeyedMutex } from './keyed-mutex.ts';
import type { CoverageMonitor } from './watch/coverage-monitor.ts';

/** What everything that speaks to a channel works on. */
export type SlackContext = {
  readonly store: Store;
  readonly table: MessageTable;
  readonly api: Pick<SlackApi, 'permalink'>;
  readonly messenger: Messenger;
  readonly owners: Owners;
  /** The process's own: alerts that come together would else lose the rows they share to each other. */
  readonly exclusively: KeyedMutex;
  readonly coverageMonitor: CoverageMonitor;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  readonly tableKind: 'table' | 'data_table';
  /** A running job without a sign of life for longer is stale, unless its registration says otherwise. Ronda ms. */
  readonly defaultTimeoutMs: number;
  /** How many events wait unread. */
  readonly queued: () => Promise<number>;
  /** How long a lease of a message lasts, real ms. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** So many real ms in Ronda's time, which may run fast. */
export function realSpan({ fromReal, real }: Pick<Clock, 'fromReal' | 'real'>, ms: number): number {
  const now = real();
  return fromReal(now) - fromReal(now - ms);
}

/** The board of a night's key (`board/local date`); the first one when there is no such board any more. */
export function boardOfNight({ boards }: Pick<SlackContext, 'boards'>, night: string): BoardSpec {
  const name = night.slice(0, night.lastIndexOf('/'));
  return boards.find((board) => board.name === name) ?? boards[0];
}
