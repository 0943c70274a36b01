import { eventTypes, type RondaEvent, type Report, type ReportType } from './event.ts';
import { defaultEventId, eventIdFrom } from './identity.ts';
import { readBody, type Read } from './members.ts';
import { reportTypes } from './report-types.ts';
import { msOf } from './time.ts';

/** What a sender may say: each type of report becomes one type of event. */

/** Whether reports of such a type are known. */
export function isReportType(type: unknown): type is ReportType {
  return reportTypes.some((known) => known === type);
}

/** A report of a known type, out of the members of its body. */
export function readReport(type: ReportType, members: ReadonlyMap<string, string>): Read<Report> {
  return readBody<Report>(members, eventTypes[type].body, { type });
}

/** What stands in for a time or an id that a report does not bring. */
export type Defaults = {
  /** Its time, when it brings none: the envelope's, else the acceptance time. */
  readonly timestamp: string;
  /** Its id, when it brings neither an id nor a time of its own. */
  readonly id?: string | undefined;
};

/** The event that a report is. Pure: the same report and defaults give the same event, id included. */
export function eventOf(report: Report, defaults: Defaults): RondaEvent {
  const content = eventTypes[report.type].contentOf(report, report.timestamp ?? defaults.timestamp);
  const id = report.event_id ?? (report.timestamp === undefined ? defaults.id : undefined);
  const event_id = id === undefined ? defaultEventId(content) : eventIdFrom(report.scheduler_id, id);
  return { ...content, event_id };
}

/** A clock that runs ahead would pin the scheduler to a time nothing can follow. */
const maxAheadMs = 5 * 60_000;

/** Whether a time lies too far ahead of the instant at which its report was accepted. */
export function liesAhead(time: string, acceptedAt: string): boolean {
  return msOf(time) > msOf(acceptedAt) + maxAheadMs;
}

export const aheadIssue = 'timestamp: must not lie more than 5 minutes ahead';
