import type { CurrentState } from '../../projections/current-state.ts';
import { carryOver } from '../alerts/carry-over.ts';
import { show } from '../alerts/deliver.ts';
import { openAlert, refreshAlert } from '../alerts/open-alert.ts';
import { planAlerts, type AlertAction } from '../alerts/plan.ts';
import type { Transport } from '../alerts/transport.ts';
import { assertNever } from '../events/assert-never.ts';
import type { AlertRow } from '../store/alerts/alert-rows.ts';
import { readRows } from '../store/projections/scheduler-rows.ts';
import type { WatchContext } from './context.ts';
import type { Action, RoundInput } from './plan.ts';

/** What becomes of alerts does not wait for a display that is away: others are to be told of it. */
export const unconditionally: NonNullable<Transport['attempt']> = (_what, work) => work();

/** Carries out the part of a round's plan that is about alerts. */
export type AlertExecutor = {
  readonly carryOut: (action: Extract<Action, AlertAction | { do: 'carry-over' }>) => Promise<void>;
  /** Delivers an alert that has just changed by every transport that its routes name. */
  readonly deliverAll: (alert: AlertRow) => Promise<void>;
};

/**
 * @param view what the round found
 * @param attempt does something by its name, under a back-off; what fails is no reason to leave the rest
 */
export async function createAlertExecutor(
  context: WatchContext,
  view: RoundInput,
  actions: readonly Action[],
  attempt: (what: string, work: () => Promise<unknown>, under?: Transport['attempt']) => Promise<void>,
): Promise<AlertExecutor> {
  const { board, deliveries, input, transports } = view;
  const subjects = await subjectRows(context, actions);
  const deliver = async (alert: AlertRow, transport: Transport): Promise<void> => {
    if (transport.reconciles)
      await attempt(alert.alert_key, () => show(context, alert, transport), transport.attempt);
    else context.pushes.start(alert, transport);
  };
  const deliverAll = async (alert: AlertRow): Promise<void> => {
    const planned = planAlerts(board, { alerts: [alert], deliveries }, transports, input);
    for (const action of planned) if (action.do === 'deliver') await deliver(action.alert, action.transport);
  };
  return {
    deliverAll,
    carryOut: async (action) => {
      switch (action.do) {
        case 'carry-over':
          await attempt(
            action.message.message_key,
            () => carryOver(context, action.message),
            unconditionally,
          );
          break;
        case 'open-alert':
          await attempt(
            action.alert.alert_key,
            async () => {
              const opened = await openAlert(context, action.alert);
              if (opened !== 'again') await deliverAll(opened);
            },
            unconditionally,
          );
          break;
        case 'refresh-alert':
          await attempt(
            action.alert.alert_key,
            async () => {
              const { alert } = action;
              const fresh = await refreshAlert(context, alert, subjects.get(alert.scheduler_id));
              if (fresh !== alert) await deliverAll(fresh);
            },
            unconditionally,
          );
          break;
        case 'deliver':
          await deliver(action.alert, action.transport);
          break;
        default:
          assertNever(action);
      }
    },
  };
}

/** The rows of the schedulers whose alerts are open. */
async function subjectRows(
  { store }: WatchContext,
  actions: readonly Action[],
): Promise<ReadonlyMap<string, CurrentState>> {
  const ids = new Set(
    actions.flatMap((action) => (action.do === 'refresh-alert' ? [action.alert.scheduler_id] : [])),
  );
  const rows = ids.size === 0 ? [] : await readRows(store, [...ids]);
  return new Map([...rows].flatMap(([id, { state }]) => (state === undefined ? [] : [[id, state]])));
}
