import { resent } from '../../alerts/deliveries.ts';
import { UsageError } from '../../errors.ts';
import { boardsOf } from '../../settings/boards-file.ts';
import { alertTable, deliveryTable, queryAlerts, type DeliveryRow } from '../../store/alerts/alert-rows.ts';
import { changeRow } from '../../store/versioned-rows.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliConnection, type CliContext } from '../cli-context.ts';
import type { NightOptions, ResendOptions } from './command.ts';
import { keyText, nightsOf, readKey } from './nights.ts';

/** What `ronda alerts resend` does. */
export async function resend(
  cli: CliContext,
  connection: CliConnection,
  key: string | undefined,
  options: ResendOptions,
): Promise<void> {
  const { store } = connection;
  const { to, json = false } = options;
  const found = key === undefined ? await failedOf(connection, options) : await deliveriesOf(connection, key);
  const wanted = found.filter(({ transport, failed }) => (to === undefined ? failed : transport === to));
  const act = {
    act: 'alerts resend',
    details: { ...(key === undefined ? {} : { key }), ...(to === undefined ? {} : { to }) },
  };
  await audited(cli, store, act, async (note) => {
    for (const delivery of wanted) {
      const fromStart = key !== undefined && to !== undefined;
      await changeRow(deliveryTable(store), delivery, (row) => resent(row, fromStart));
      const { transport, night, alert_key } = delivery;
      const alert = keyText({ night, alert_key: alert_key.slice(0, -transport.length - 1) });
      cli.stdout.write(
        json ? `${JSON.stringify({ alert, transport })}\n` : `${alert} is delivered again to ${transport}\n`,
      );
    }
    note({ deliveries: wanted.length });
    return wanted.length > 0;
  });
  if (wanted.length > 0) return;
  cli.stderr.write('There is nothing to deliver again.\n');
  cli.exitWith(exit.wrong);
}

async function failedOf(
  { store, settings, clock }: CliConnection,
  asked: NightOptions,
): Promise<DeliveryRow[]> {
  const failed: DeliveryRow[] = [];
  for (const night of nightsOf(boardsOf(settings), asked, clock.now()))
    failed.push(...(await queryAlerts(store, night)).deliveries.filter((delivery) => delivery.failed));
  return failed;
}

async function deliveriesOf({ store }: CliConnection, text: string): Promise<DeliveryRow[]> {
  const key = readKey(text);
  if ((await alertTable(store).read(key)) === undefined) throw new UsageError(`there is no alert ${text}`);
  const { deliveries } = await queryAlerts(store, key.night);
  return deliveries.filter(({ alert_key, transport }) => alert_key === `${key.alert_key}#${transport}`);
}
