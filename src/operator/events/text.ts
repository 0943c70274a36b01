import { assertNever } from '../../events/assert-never.ts';
import { jsonOf, type RecordedEvent, type RondaEvent } from '../../events/event.ts';
import { writeObject } from '../../events/json-text.ts';
import { msOf } from '../../events/time.ts';
import { printable } from '../../printable.ts';
import { durationText } from '../../duration.ts';

/** Events in lines, for people and machines. Columns are of fixed width: a stream's last line is not known. */

const columns = (time: string, type: string, accepted: string, id: string, content: string): string =>
  `${time.padEnd(24)}  ${type.padEnd(20)}  ${accepted.padEnd(12)}  ${id.padEnd(36)}  ${content}`.trimEnd();

export const eventHeading = columns('time', 'event', 'accepted', 'id', 'says');

/** When it happened, what it is, how long after that it was accepted, its id, and what it says. */
export function eventText({ event, envelope }: RecordedEvent): string {
  const lag = msOf(envelope.accepted_at) - msOf(event.occurred_at);
  const accepted = `${lag < 0 ? '-' : '+'}${tookText(Math.abs(lag))}`;
  return columns(event.occurred_at, event.type, accepted, event.event_id, printable(contentText(event)));
}

/** The event and its envelope as one JSON object, metadata as it came. */
export function eventJson({ event, envelope }: RecordedEvent): string {
  return writeObject({ ...jsonOf(event), ...envelope });
}

function contentText(event: RondaEvent): string {
  switch (event.type) {
    case 'status_reported': {
      const { status, execution_time_ms, error_message, metadata, service_name, job_name } = event;
      const { run_id, business_date } = event;
      return [
        `${status}${execution_time_ms === null ? '' : ` after ${tookText(execution_time_ms)}`}`,
        `${service_name} / ${job_name}`,
        ...(run_id === null ? [] : [`run ${run_id}`]),
        ...(business_date === null ? [] : [`for ${business_date}`]),
        ...(error_message === null ? [] : [`error: ${error_message}`]),
        ...(metadata === null ? [] : [metadata]),
      ].join('; ');
    }
    case 'scheduler_registered': {
      const { service_name, job_name, owner_email, alert_user_id, heartbeat_timeout_minutes } = event;
      const { expectation } = event;
      return [
        `${service_name} / ${job_name}`,
        ...(owner_email === undefined ? [] : [`owner ${owner_email ?? 'none'}`]),
        ...(alert_user_id === undefined ? [] : [`alerts ${alert_user_id ?? 'nobody'}`]),
        ...(heartbeat_timeout_minutes === undefined ? [] : [staleText(heartbeat_timeout_minutes)]),
        ...(expectation === undefined ? [] : [expectation ?? 'no expectation']),
      ].join('; ');
    }
    case 'failure_acknowledged':
      return `by ${event.by}; failure ${event.failure_event_id}`;
    case 'alerts_snoozed':
      return `by ${event.by}; until ${event.until}`;
    case 'expectation_set':
      return event.expectation ?? 'no expectation';
    case 'calendar_set':
      return `by ${event.by}; ${event.calendar ?? 'no calendar'}`;
    case 'maintenance_planned':
      return `by ${event.by}; ${event.maintenance}`;
    case 'maintenance_ended':
      return `by ${event.by}`;
    case 'heartbeat_received':
    case 'scheduler_removed':
      return '';
    default:
      return assertNever(event);
  }
}

function staleText(minutes: number | null): string {
  if (minutes === null) return 'stale as by default';
  return minutes === 0 ? 'never stale' : `stale after ${minutes} min`;
}

/** Under ten seconds to the ms, as it was measured. */
function tookText(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : durationText(ms);
}
