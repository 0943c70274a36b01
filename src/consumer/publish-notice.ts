import type { CurrentState } from '../../projections/current-state.ts';
import type { StatusReported } from '../events/event.ts';
import { msOf } from '../events/time.ts';
import { nightKeyFor, type BoardSpec } from '../night/boards.ts';
import { attribute } from '../queue/message.ts';
import type { Publisher } from '../queue/publisher.ts';
import { alertKey, createAlert, type NoticeKey } from '../store/alerts/alert-rows.ts';
import { pinnedNight } from '../store/alerts/pinned-night.ts';
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
  const key = await pinnedNight(store, wanted, createdAt);
  await createAlert(store, event, key, createdAt);
  const notice = { night: key.night, message_key: key.alert_key } satisfies NoticeKey;
  await publisher.send({
    body: JSON.stringify(notice),
    ...(correlationId === null ? {} : { attributes: { [attribute.correlationId]: correlationId } }),
  });
}
