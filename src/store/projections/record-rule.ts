import type { Rule } from '../../../projections/rules.ts';
import { defaultEventId } from '../../events/identity.ts';
import type { Envelope, EventContent, RondaEvent } from '../../events/event.ts';
import { lastInstant, msOf, utc } from '../../events/time.ts';
import type { Store } from '../store.ts';
import { record } from './record.ts';

/** Later than what was set last (UTC), so that it takes effect whatever clocks did before. */
export function stampAfter(now: number, latest: Pick<Rule, 'timestamp'> | undefined): string {
  const after = latest === undefined ? 0 : msOf(latest.timestamp) + 1;
  return utc(Math.min(Math.max(now, after), lastInstant));
}

/**
 * Makes the event of a calendar or a maintenance and applies it before it resolves; no queue stands between.
 * @throws what kept it from being stored
 */
export async function recordRule(
  store: Store,
  content: EventContent,
  from: Pick<Envelope, 'correlation_id' | 'sender'>,
): Promise<RondaEvent> {
  const event: RondaEvent = { ...content, event_id: defaultEventId(content) };
  const envelope = { accepted_at: event.occurred_at, ...from };
  const [outcome] = await record(store, [{ event, envelope }]);
  if (outcome === undefined) throw new Error('record answers for every event');
  if (!outcome.ok) throw outcome.error;
  return event;
}
