import { durationText } from '../../duration.ts';
import { printable } from '../../printable.ts';
import { boardsOf } from '../../settings/boards-file.ts';
import { queryAlerts, type AlertRow, type DeliveryRow } from '../../store/alerts/alert-rows.ts';
import type { CliConnection, CliContext } from '../cli-context.ts';
import type { NightOptions } from './command.ts';
import { keyText, nightsOf } from './nights.ts';

/** What `ronda alerts list` does. */
export async function list(
  { stdout, stderr }: CliContext,
  { store, settings, clock }: CliConnection,
  { json = false, ...asked }: NightOptions & { readonly json?: boolean },
): Promise<void> {
  let shown = 0;
  for (const night of nightsOf(boardsOf(settings), asked, clock.now())) {
    const { alerts, deliveries } = await queryAlerts(store, night);
    const byAlert = Map.groupBy(deliveries, ({ alert_key, transport }) =>
      alert_key.slice(0, -transport.length - 1),
    );
    for (const alert of alerts) {
      const own = byAlert.get(alert.alert_key) ?? [];
      shown += 1;
      stdout.write(json ? `${alertJson(alert, own)}\n` : alertText(alert, own, clock.real()));
    }
  }
  if (shown === 0) stderr.write('There is no alert.\n');
}

function alertJson(alert: AlertRow, deliveries: readonly DeliveryRow[]): string {
  const { kind, severity, state, scheduler_id, service_name, created_at, suppressed_because, transitions } =
    alert;
  return JSON.stringify({
    key: keyText(alert),
    ...{ kind, severity, state, suppressed_because, scheduler_id, service_name, created_at, transitions },
    deliveries: deliveries.map(({ transport, delivered, attempts, failed, problem, next_at }) => ({
      ...{ transport, delivered, failed, attempts, problem },
      next_try_at: attempts === 0 || failed ? null : new Date(next_at).toISOString(),
    })),
  });
}

function alertText(alert: AlertRow, deliveries: readonly DeliveryRow[], real: number): string {
  const last = alert.transitions.at(-1);
  const what = [
    alert.kind,
    alert.state === 'suppressed' ? `nobody is told: ${alert.suppressed_because ?? 'unknown'}` : alert.state,
    ...(last === undefined || last.type === 'opened'
      ? []
      : [`${last.outcome ?? last.type} ${last.at}${last.by === null ? '' : ` by ${last.by}`}`]),
  ];
  const lines = [
    keyText(alert),
    `  ${alert.service_name || '?'} / ${alert.scheduler_id}: ${what.join(', ')}`,
    ...deliveries.map((delivery) => `  ${deliveryText(delivery, alert, real)}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** `webhook:ops: 1 of 2 delivered, tried 3 times, again in 8 s: HTTP 500` */
function deliveryText(delivery: DeliveryRow, { transitions }: AlertRow, real: number): string {
  const { transport, delivered, attempts, failed, problem, next_at } = delivery;
  const done = `${transport}: ${delivered} of ${transitions.length} delivered`;
  if (failed) return `${done}, not tried again: ${problem ?? 'unknown'}`;
  if (attempts === 0) return done;
  return `${done}, tried ${attempts} times, again in ${durationText(Math.max(0, next_at - real))}: ${problem ?? 'unknown'}`;
}
