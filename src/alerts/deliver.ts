import { errorName } from '../errors.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import { deliveryKey, type AlertRow, type DeliveryRow } from '../store/alerts/alert-rows.ts';
import { utc } from '../events/time.ts';
import { changeRow } from '../store/versioned-rows.ts';
import { failureAlert, slotAlert, staleAlert, type Alert } from './alert.ts';
import { boardOfNight, type AlertContext } from './context.ts';
import { afterFailure, deliveredUpTo, isBehind, leasedBy, mayTry } from './deliveries.ts';
import { failureOf, idsOf } from './open-alert.ts';
import { DeliveryError, type Transport } from './transport.ts';

/**
 * Lets a transport that reconciles show an alert as it stands.
 * @returns `again` when somebody else is at it
 * @throws DeliveryError; nothing is lost then
 */
export async function show(
  context: AlertContext,
  row: AlertRow,
  transport: Transport,
): Promise<'delivered' | 'again'> {
  const number = row.transitions.length;
  const transition = row.transitions.at(-1);
  const alert = await describeAlert(context, row);
  if (alert === undefined || transition === undefined) return 'delivered';
  const outcome = await transport.deliver({ alert, transition, number });
  if (outcome === 'again') return 'again';
  await openDelivery(context, row, transport);
  await changeRow(context.deliveries, deliveryKey(row, transport.name), (found) =>
    found.delivered >= number && found.follow_up === (outcome === 'follow-up')
      ? undefined
      : deliveredUpTo(found, number, outcome === 'follow-up'),
  );
  return 'delivered';
}

/**
 * Delivers the transitions of an alert that a transport has not delivered yet, in order, under a lease. A failure and
 * when to try again are written down; the plan tries then.
 * @throws what the tables throw
 */
export async function push(context: AlertContext, row: AlertRow, transport: Transport): Promise<void> {
  const { clock, deliveries, owner, leaseMs, log } = context;
  const before = await openDelivery(context, row, transport);
  if (!isBehind(before, row) || !mayTry(before, clock.real())) return;
  let leased = await deliveries.swap(leasedBy(before, owner, leaseMs, clock.real()), before.rev);
  if (leased === undefined) return;
  const alert = await describeAlert(context, row);
  try {
    for (const [index, transition] of row.transitions.entries()) {
      const number = index + 1;
      if (number <= leased.delivered) continue;
      if (alert !== undefined && (await transport.deliver({ alert, transition, number })) === 'again') return;
      leased = await deliveries.swap(
        leasedBy(deliveredUpTo(leased, number, false), owner, leaseMs, clock.real()),
        leased.rev,
      );
      // Somebody took the lease over, and delivers the rest.
      if (leased === undefined) return;
      log.debug({ ...idsOf(row), transport: transport.name, number }, 'alert transition delivered');
    }
    await deliveries.swap({ ...leased, lease: null, tried_since: null }, leased.rev);
  } catch (error) {
    if (!(error instanceof DeliveryError) || leased === undefined) throw error;
    const after = afterFailure(leased, error.message, error, clock.real());
    await deliveries.swap(after, leased.rev);
    const ids = { ...idsOf(row), transport: transport.name, attempts: after.attempts };
    if (error.isFinal) {
      await context.switches.turnOff(transport, error.message);
      log.error(
        { ...ids, err: error },
        'transport turned off: mend what it reports, then "ronda alerts test" turns it on',
      );
    } else if (after.failed)
      log.error(
        { ...ids, err: error },
        'alert not delivered, and not tried again: see what the transport answers, then "ronda alerts resend"',
      );
    else log.warn({ ...ids, error: errorName(error), reason: error.message }, 'alert not delivered yet');
  }
}

/** An alert as transports are given it; undefined when its event is past its retention. */
export async function describeAlert(context: AlertContext, row: AlertRow): Promise<Alert | undefined> {
  const { store } = context;
  const board = boardOfNight(context, row.night);
  const state = (await readRow(store, row.scheduler_id))?.state;
  if (row.kind === 'stale') return staleAlert(row, board, state);
  if (row.kind !== 'failure') return slotAlert(row, board, state);
  const found = await failureOf(store, row);
  return found === undefined ? undefined : failureAlert(row, board, found.event, state);
}

async function openDelivery(
  { deliveries, clock }: AlertContext,
  row: AlertRow,
  { name: transport }: Transport,
): Promise<DeliveryRow> {
  const key = deliveryKey(row, transport);
  const found = await deliveries.read(key);
  if (found !== undefined) return found;
  const created_at = utc(clock.now());
  await deliveries.create({ ...key, kind: 'delivery', transport, created_at });
  const created = await deliveries.read(key);
  if (created === undefined) throw new Error('a delivery that was just created is there');
  return created;
}
