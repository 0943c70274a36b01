import { durationText } from '../duration.ts';
import type { SlotAlert } from './alert.ts';
import type { AlertKind } from '../store/alerts/alert-rows.ts';

/** What alerts of slots say, in whatever words a transport has for an instant. Pure. */

type Moment = (at: number) => string;

/** What its job did, or did not: `billing / close-day did not start`. */
export const whatHappened = {
  failure: 'failed',
  stale: 'is silent',
  late: 'did not start',
  overdue: 'is overdue',
  too_short: 'ended too soon',
  too_long: 'takes too long',
  unmet: 'did not do its work',
} as const satisfies Record<AlertKind, string>;

/** `due 01:00 WIB, nothing has begun by 01:10 WIB`: one line. */
export function explanationOf({ kind, slot, situation }: SlotAlert, moment: Moment): string {
  const { latest_slot, slots, due_by, began_at, duration, limit, unmet } = situation;
  const due = `due ${moment(slot)}`;
  const took = duration === null ? 'still runs' : `took ${durationText(duration)}`;
  switch (kind) {
    case 'late': {
      const by = due_by === null ? '' : ` by ${moment(due_by)}`;
      const more = slots > 1 ? `, nor in ${slots - 1} more slots up to ${moment(latest_slot)}` : '';
      return `${due}, nothing had begun${by}${more}`;
    }
    case 'overdue':
      return `${due}, began ${began_at === null ? 'late' : moment(began_at)}, should have ended${due_by === null ? '' : ` by ${moment(due_by)}`}`;
    case 'too_short':
      return `${due}, ${took}${limit === null ? '' : `, expected at least ${durationText(limit)}`}`;
    case 'too_long':
      return `${due}, began ${began_at === null ? 'then' : moment(began_at)}, ${took}${limit === null ? '' : `, expected at most ${durationText(limit)}`}`;
    case 'unmet':
      return `${due}: ${unmet.join('; ')}`;
    default:
      return due;
  }
}

/** How it ended: `began 01:47 WIB, 47 min late`; null while it has not. */
export function endingOf({ slot, progress }: SlotAlert, moment: Moment): string | null {
  const { outcome } = progress;
  if (outcome === null) return null;
  const when = moment(outcome.at);
  switch (outcome.kind) {
    case 'began':
      return `began ${when}, ${durationText(outcome.at - slot)} late`;
    case 'completed':
    case 'failed':
      return `${outcome.kind} ${when}`;
    case 'excused':
      return 'excused since';
    default:
      return `recovered ${when}`;
  }
}
