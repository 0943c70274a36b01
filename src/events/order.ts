export const statuses = ['pending', 'running', 'completed', 'failed'] as const;
export type Status = (typeof statuses)[number];

/** Names one event of a scheduler. `at` is its time (ISO 8601, UTC, ms), `id` its event id. */
export type EventRef = { readonly at: string; readonly id: string };

/** The sort key of an event: streams read in this order. UTC times of four-digit years sort as text. */
export function eventKey(eventRef: EventRef): string {
  return `${eventRef.at}#${eventRef.id}`;
}

/** The key above which every event is later than `at`: `#` < `~`, ids are `0-9a-f-`. */
export function lastKeyAt(at: string): string {
  return `${at}#~`;
}

/** By code units, as DynamoDB orders ASCII keys: no locale has a say. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By time, then id: a total order, the same for everybody. */
export function compareRefs(a: EventRef, b: EventRef): number {
  return compareText(a.at, b.at) || compareText(a.id, b.id);
}

/** Of two statuses at one instant, the one further on in a job's life is the later. */
export function statusRank(status: Status): number {
  return statuses.indexOf(status);
}

/** By time, then how far on the status is, then id. */
export function compareStatuses(a: EventRef & { status: Status }, b: EventRef & { status: Status }): number {
  return compareText(a.at, b.at) || statusRank(a.status) - statusRank(b.status) || compareText(a.id, b.id);
}
