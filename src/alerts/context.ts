import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { AlertTable, DeliveryTable } from '../store/alerts/alert-rows.ts';
import type { Store } from '../store/store.ts';
import type { CurrentState } from '../../projections/current-state.ts';
import type { Failure } from './lifecycle.ts';
import type { Switches } from './switches.ts';
import type { Transport } from './transport.ts';

/** What the life of alerts is read from and written to. */
export type AlertContext = {
  readonly store: Store;
  readonly alerts: AlertTable;
  readonly deliveries: DeliveryTable;
  readonly boards: readonly [BoardSpec, ...BoardSpec[]];
  /** By name. */
  readonly transports: ReadonlyMap<string, Transport>;
  readonly switches: Switches;
  readonly slots: SlotFacts;
  /** Unlike that of any other process, living or dead. */
  readonly owner: string;
  /** How long one replica alone may deliver, real ms. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** What the life of alerts asks of slots. */
export type SlotFacts = {
  /**
   * When a run of a failure's slot completed, null while none has; undefined where the failure belongs to no slot, so that
   * any completion after it is its end.
   */
  readonly recoveryOf: (
    state: CurrentState,
    failure: Pick<Failure, 'occurred_at' | 'event_id'>,
  ) => Promise<{ readonly at: number } | null | undefined>;
  /** The maintenance that a scheduler is in at an instant, ms UTC. */
  readonly maintenanceOf: (
    scheduler_id: string,
    service_name: string,
    at: number,
  ) => Promise<{ readonly reason: string } | undefined>;
};

/** The transports that are on, by name. */
export function transportsOn({
  transports,
  switches,
}: Pick<AlertContext, 'transports' | 'switches'>): ReadonlyMap<string, Transport> {
  return new Map([...transports].filter(([, transport]) => switches.offBecause(transport) === undefined));
}

/** The board of a night's key (`board/local date`); the first one when there is no such board any more. */
export function boardOfNight({ boards }: Pick<AlertContext, 'boards'>, night: string): BoardSpec {
  const name = night.slice(0, night.lastIndexOf('/'));
  return boards.find((board) => board.name === name) ?? boards[0];
}
