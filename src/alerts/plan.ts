import { msOf } from '../events/time.ts';
import type { BoardSpec } from '../night/boards.ts';
import type { AlertRow, DeliveryRow, NightAlerts } from '../store/alerts/alert-rows.ts';
import { isBehind, mayTry } from './deliveries.ts';
import { destinationsOf } from './routes.ts';
import type { Transport } from './transport.ts';

/** What should be true of alerts by now, and is not. */
export type AlertAction =
  /** A failure's alert that nobody has judged, though its notice is long gone, lost or stuck. */
  | { readonly do: 'open-alert'; readonly alert: AlertRow }
  /** An open alert whose job may have gone on. */
  | { readonly do: 'refresh-alert'; readonly alert: AlertRow }
  /** A transport has something of an alert to deliver. */
  | { readonly do: 'deliver'; readonly alert: AlertRow; readonly transport: Transport };

export type AlertPlanInput = {
  /** Ronda's time, ms UTC. */
  readonly now: number;
  /** The machine's, ms UTC. */
  readonly real: number;
  /** How old, in Ronda's ms, an alert is whose notice must have been dealt with by now. */
  readonly unpostedAfter: number;
};

/** What is to be done about the alerts of a board. Pure: every replica comes to the same. */
export function planAlerts(
  board: BoardSpec,
  { alerts, deliveries }: NightAlerts,
  transports: ReadonlyMap<string, Transport>,
  input: AlertPlanInput,
): AlertAction[] {
  const byAlert = Map.groupBy(deliveries, ({ night, alert_key, transport }) =>
    alertId(night, alert_key.slice(0, -transport.length - 1)),
  );
  return alerts.flatMap((alert): AlertAction[] => {
    const isOld = input.now - msOf(alert.created_at) > input.unpostedAfter;
    if (alert.state === 'new') return isOld ? [{ do: 'open-alert', alert }] : [];
    if (alert.state === 'suppressed') return [];
    const own = new Map(
      byAlert.get(alertId(alert.night, alert.alert_key))?.map((delivery) => [delivery.transport, delivery]),
    );
    // What a transport that reconciles is to deliver at once waits in the notices queue, where there is a notice.
    const waiting =
      alert.kind === 'failure' && !isOld
        ? destinationsOf(board, alert, [], msOf(alert.created_at))
        : new Set<string>();
    const due = [...destinationsOf(board, alert, own.keys(), input.now)].flatMap((name) => {
      const transport = transports.get(name);
      return transport !== undefined && isDue(alert, transport, own.get(name), waiting, input.real)
        ? [{ do: 'deliver', alert, transport } as const]
        : [];
    });
    return alert.state === 'open' ? [{ do: 'refresh-alert', alert }, ...due] : due;
  });
}

function isDue(
  alert: AlertRow,
  { name, reconciles }: Transport,
  delivery: DeliveryRow | undefined,
  waiting: ReadonlySet<string>,
  real: number,
): boolean {
  if (delivery === undefined) return !reconciles || !waiting.has(name);
  return isBehind(delivery, alert) && mayTry(delivery, real);
}

function alertId(night: string, alertKey: string): string {
  return `${night} ${alertKey}`;
}
