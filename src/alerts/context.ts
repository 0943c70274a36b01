import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { AlertTable, DeliveryTable } from '../store/alerts/alert-rows.ts';
import type { Store } from '../store/store.ts';
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
  /** Unlike that of any other process, living or dead. */
  readonly owner: string;
  /** How long one replica alone may deliver, real ms. */
  readonly leaseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
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
