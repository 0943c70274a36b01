import { planAlerts, type AlertAction } from '../alerts/plan.ts';
import { isCarriedOver } from '../alerts/carry-over.ts';
import type { Transport } from '../alerts/transport.ts';
import type { BoardSpec } from '../night/boards.ts';
import { planNight, type Action as NightAction, type PlanInput } from '../night/plan.ts';
import type { NightAlerts } from '../store/alerts/alert-rows.ts';
import type { MessageRow } from '../store/messages/messages.ts';

/** What should be true by now of a board's nights and alerts, and is not. */
export type Action =
  | NightAction<MessageRow>
  | AlertAction
  /** An alert that an earlier version kept among the messages. */
  | { readonly do: 'carry-over'; readonly message: MessageRow };

/** What a round found. */
export type RoundInput = NightAlerts & {
  readonly board: BoardSpec;
  /** All of the nights in view, as are alerts and deliveries. */
  readonly messages: readonly MessageRow[];
  readonly transports: ReadonlyMap<string, Transport>;
  readonly input: PlanInput & {
    /** How old, in Ronda's ms, an alert is whose notice must have been dealt with by now. */
    readonly unpostedAfter: number;
  };
};

/** What a round has to do for a board, in the order in which it is to be done. Pure. */
export function plan({ board, messages, transports, input, ...nights }: RoundInput): Action[] {
  const known = new Set(nights.alerts.map(({ night, alert_key }) => `${night} ${alert_key}`));
  const former = messages.filter(
    (message) => isCarriedOver(message) && !known.has(`${message.night} ${message.message_key}`),
  );
  const actions = planNight(board, messages, input);
  const first = actions.filter((action) => action.do === 'post-board');
  return [
    ...first,
    ...former.map((message) => ({ do: 'carry-over', message }) as const),
    ...planAlerts(board, nights, transports, input),
    ...actions.filter((action) => action.do !== 'post-board'),
  ];
}
