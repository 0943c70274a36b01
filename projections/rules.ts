import { z } from 'zod';
import type { RecordedEvent } from '../src/events/event.ts';
import { readExpectation, type Expectation } from '../src/events/expectation.ts';
import { eventKey } from '../src/events/order.ts';
import {
  calendarStream,
  readCalendar,
  readMaintenance,
  type Calendar,
  type Maintenance,
} from '../src/events/rules.ts';
import { msOf, utc } from '../src/events/time.ts';
import type { EntriesProjection } from './projection.ts';

/**
 * One thing that was set: what a scheduler's job should do, a calendar, a maintenance or its end. What was in
 * force at an instant judges the slots of that instant for ever, so all that ever was in force is kept.
 */
export const rule = z.object({
  /** A scheduler's id, `calendar/NAME` or `maintenance/ID`. */
  scheduler_id: z.string(),
  /** Of its event. */
  id: z.string(),
  timestamp: z.string(),
  kind: z.enum(['expectation', 'calendar', 'maintenance', 'maintenance_ended']),
  /** The text of what was set; null where it was taken away. */
  value: z.string().nullable().default(null),
  /** Who did it, where that is known. */
  by: z.string().nullable().default(null),
});
export type Rule = z.infer<typeof rule>;

/** The rules of one stream by their key; joining two is their union, since equal keys hold equal entries. */
type Entries = ReadonlyMap<string, Rule>;

/** The entry that an event makes: one where it sets something, none for anything else. */
export function fromEvent({ event }: RecordedEvent): Entries {
  const content = contentOf(event);
  if (content === undefined) return new Map();
  const { scheduler_id, event_id: id, occurred_at: timestamp } = event;
  const entry: Rule = { scheduler_id, id, timestamp, by: null, ...content };
  return new Map([[eventKey({ at: timestamp, id }), entry]]);
}

function contentOf(
  event: RecordedEvent['event'],
): (Pick<Rule, 'kind' | 'value'> & Partial<Rule>) | undefined {
  switch (event.type) {
    case 'expectation_set':
      return { kind: 'expectation', value: event.expectation };
    case 'scheduler_registered':
      // One that says nothing of it leaves what was set before.
      return event.expectation === undefined ? undefined : { kind: 'expectation', value: event.expectation };
    case 'calendar_set':
      return { kind: 'calendar', value: event.calendar, by: event.by };
    case 'maintenance_planned':
      return { kind: 'maintenance', value: event.maintenance, by: event.by };
    case 'maintenance_ended':
      return { kind: 'maintenance_ended', value: null, by: event.by };
    default:
      return undefined;
  }
}

export const rulesProjection = {
  name: 'rules',
  version: 1,
  table: {
    name: 'rules',
    partition: 'scheduler_id',
    sort: 'timestamp#event_id',
    expires: false,
    recoverable: false,
  },
  schema: rule,
  fromEvent,
  expiryOf: () => undefined,
  firstKey: () => utc(0),
} as const satisfies EntriesProjection<Rule>;

/** Something that was set by an event, in force from its instant (ms UTC); null: taken away. */
export type Effective<T> = { readonly at: number; readonly id: string; readonly value: T | null };

/** A maintenance as it was planned, and when it was ended. Instants are ms UTC, Ronda's time. */
export type PlannedMaintenance = {
  /** Its own, as people name it. */
  readonly id: string;
  readonly event_id: string;
  readonly plannedAt: number;
  readonly endedAt: number | null;
  readonly by: string | null;
  readonly value: Maintenance;
};

/** All that was set, ever. */
export type Rules = {
  /** Of a scheduler, oldest first. */
  readonly expectations: ReadonlyMap<string, readonly Effective<Expectation>[]>;
  /** Of a calendar's name, oldest first. */
  readonly calendars: ReadonlyMap<string, readonly Effective<Calendar>[]>;
  readonly maintenances: readonly PlannedMaintenance[];
};

export const noRules: Rules = { expectations: new Map(), calendars: new Map(), maintenances: [] };

/** Rules as their readers want them. Pure. */
export function rulesIn(found: readonly Rule[]): Rules {
  const sorted = found.toSorted((a, b) => (`${a.timestamp}#${a.id}` < `${b.timestamp}#${b.id}` ? -1 : 1));
  const streams = Map.groupBy(sorted, ({ scheduler_id }) => scheduler_id);
  const expectations = new Map<string, Effective<Expectation>[]>();
  const calendars = new Map<string, Effective<Calendar>[]>();
  const maintenances: PlannedMaintenance[] = [];
  for (const [stream, rows] of streams) {
    const [kind, name] = kindOf(stream);
    if (kind === 'expectation')
      expectations.set(
        stream,
        rows.flatMap((row) => effective(row, readExpectation)),
      );
    if (kind === 'calendar')
      calendars.set(
        name,
        rows.flatMap((row) => effective(row, readCalendar)),
      );
    if (kind === 'maintenance') maintenances.push(...maintenanceIn(name, rows));
  }
  return { expectations, calendars, maintenances };
}

function kindOf(stream: string): ['expectation' | 'calendar' | 'maintenance', string] {
  const at = stream.indexOf('/');
  if (at === -1) return ['expectation', stream];
  return [stream.startsWith(calendarStream('')) ? 'calendar' : 'maintenance', stream.slice(at + 1)];
}

/** What cannot be read, a newer program's, counts as what nothing is known of. */
function effective<T>({ timestamp, id, value }: Rule, read: (text: string) => T | undefined): Effective<T>[] {
  const parsed = value === null ? null : read(value);
  return parsed === undefined ? [] : [{ at: msOf(timestamp), id, value: parsed }];
}

function maintenanceIn(id: string, rows: readonly Rule[]): PlannedMaintenance[] {
  const planned = rows.find(({ kind }) => kind === 'maintenance');
  const value = planned?.value == null ? undefined : readMaintenance(planned.value);
  if (planned === undefined || value === undefined) return [];
  const ended = rows.find(({ kind }) => kind === 'maintenance_ended');
  return [
    {
      id,
      event_id: planned.id,
      plannedAt: msOf(planned.timestamp),
      endedAt: ended === undefined ? null : msOf(ended.timestamp),
      by: planned.by,
      value,
    },
  ];
}
