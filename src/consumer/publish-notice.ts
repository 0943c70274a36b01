import type { CurrentState } from '../../projections/current-state.ts';
import type { StatusReported } from '../events/event.ts';
import { msOf } from '../events/time.ts';
import { nightKeyFor, type BoardSpec } from '../night/boards.ts';
import { attribute } from '../queue/message.ts';
import type { Publisher } from '../queue/publisher.ts';
import { alertKey, createAlertRow, pinnedNight } from '../store/messages/alert-rows.ts';
import type { Store } from '../store/store.ts';

export type NoticeContext = {
  readonly store: Store;
  readonly publisher: Publisher;
  readonly boards: readonly BoardSpec[];
};

/**
 * A failure's row, then its wake-up. The row is left once whatever is redelivered; the wake-up goes out at
 * least once, and whoever it wakes reads from the row whether the alert has been posted.
 */
export async function publishNotice(
  { store, publisher, boards }: NoticeContext,
  event: StatusReported,
  state: CurrentState,
  createdAt: string,
  correlationId: string | null,
): Promise<void> {
  // The board shows the job under its registration's names, so that is whose alert it is.
  const { service_name } = state.registration ?? event;
  const wanted = alertKey(event, nightKeyFor(boards, service_name, msOf(event.occurred_at)));
  const key = { ...wanted, night: await pinnedNight(store, wanted.message_key, wanted.night, createdAt) };
  await createAlertRow(store, event, key, createdAt);
  await publisher.send({
    body: JSON.stringify(key),
    ...(correlationId === null ? {} : { attributes: { [attribute.correlationId]: correlationId } }),
  });
}
