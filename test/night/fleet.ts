import { fromEvent, type HistoryEntry } from '../../projections/history.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { summaryOf, type Summary, type SummaryInput } from '../../src/night/summary.ts';
import { recorded } from '../support/events.ts';
import { ms, night, row } from './fixtures.ts';

/** What each scheduler sent, by its id. */
export type Fleet = Readonly<Record<string, readonly RondaEvent[]>>;

export function entriesOf(id: string, events: readonly RondaEvent[]): HistoryEntry[] {
  return events.flatMap((event) => [...fromEvent(recorded({ ...event, scheduler_id: id })).values()]);
}

/** The summary of a fleet, given the whole history of each. */
export function summary(fleet: Fleet, input: Partial<SummaryInput> = {}): Summary {
  return summaryOf({
    rows: Object.entries(fleet).map(([id, events]) => row(id, ...events)),
    histories: new Map(Object.entries(fleet).map(([id, events]) => [id, entriesOf(id, events)])),
    night,
    at: ms('23:00:00.000'),
    staleIds: new Set(),
    services: null,
    ...input,
  });
}

export function name(scheduler_id: string) {
  return { scheduler_id, service_name: 'billing', job_name: 'close-day' };
}
