import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import * as field from './fields.ts';
import { strict } from './strict.ts';

/** What administrators set beside expectations: calendars and maintenance, as they are sent and as they are kept. */

const maxDays = 1_000;
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const weekday = z.enum(weekdays, { error: `must be one of ${weekdays.join(', ')}` });
const holiday = strict({
  date: field.businessDate,
  name: field.jobName.optional(),
});

/** Which days are no business days. */
export const calendar = strict({
  weekend: z
    .array(weekday, { error: 'must be a list of weekdays' })
    .max(6, 'must leave a day of the week')
    .default(['sat', 'sun']),
  holidays: z.array(holiday, { error: 'must be a list of {"date", "name"}' }).default([]),
  /** Days worked all the same. */
  workdays: z.array(field.businessDate, { error: 'must be a list of dates' }).default([]),
}).refine(({ holidays, workdays }) => holidays.length + workdays.length <= maxDays, {
  path: ['holidays'],
  error: `must be at most ${maxDays} days together with workdays`,
});
export type Calendar = z.infer<typeof calendar>;

const list = (one: z.ZodType<string>, what: string) =>
  z
    .array(one, { error: `must be a list of ${what}` })
    .min(1, 'must not be empty')
    .max(100, 'must be at most 100');

/** A time in which jobs are expected to fail or not to run. */
export const maintenance = strict({
  scheduler_ids: list(field.schedulerId, 'scheduler ids').optional(),
  services: list(field.serviceName, 'service names').optional(),
  from: field.timestamp,
  until: field.timestamp,
  reason: z
    .string({ error: 'is required' })
    .min(1, 'must not be empty')
    .max(500, 'must be at most 500 characters')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode'),
})
  .refine(({ scheduler_ids, services }) => scheduler_ids !== undefined || services !== undefined, {
    path: ['scheduler_ids'],
    error: 'or services is required',
  })
  .refine(({ from, until }) => from < until, { path: ['until'], error: 'must lie after from' });
export type Maintenance = z.infer<typeof maintenance>;

/** A calendar out of its text; undefined when a newer program wrote what this one cannot read. */
export const readCalendar = reader(calendar);
/** A maintenance out of its text; undefined likewise. */
export const readMaintenance = reader(maintenance);

/** What is kept is read again and again. */
function reader<T extends object>(schema: z.ZodType<T>): (text: string) => T | undefined {
  const known = new LRUCache<string, T>({ max: 1_000 });
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const { data } = schema.safeParse(JSON.parse(text));
    if (data !== undefined) known.set(text, data);
    return data;
  };
}

/** Under what id the events of a calendar lie. */
export const calendarStream = (name: string): string => `calendar/${name}`;
/** Under what id the events of a maintenance lie. */
export const maintenanceStream = (id: string): string => `maintenance/${id}`;
