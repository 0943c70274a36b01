import type { Live } from './live.ts';
import type { Wanted } from './wanted.ts';

/** One field that is to change. Undefined: it is not there. */
export type Change = { readonly field: string; readonly from: unknown; readonly to: unknown };

/** One thing that is to be created or changed. */
export type Step = {
  readonly kind: 'calendar' | 'scheduler';
  readonly id: string;
  readonly isNew: boolean;
  readonly changes: readonly Change[];
  /** What is sent. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** What it takes to make what there is what is wanted; calendars first. Nothing is ever removed. Pure. */
export function planOf(wanted: Wanted, live: Live): Step[] {
  const calendars = [...wanted.calendars].map(([id, { value }]) =>
    stepOf('calendar', id, { ...value }, live.calendars.get(id), { ...value }),
  );
  const schedulers = [...wanted.schedulers].map(([id, { value }]) => {
    const { scheduler_id, expectation, ...fields } = value;
    const said =
      expectation === undefined
        ? fields
        : { ...fields, expectation: expectation === null ? null : parsed(expectation) };
    return stepOf('scheduler', id, said, live.schedulers.get(id), { scheduler_id, ...said });
  });
  return [...calendars, ...schedulers].filter(({ isNew, changes }) => isNew || changes.length > 0);
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

function stepOf(
  kind: Step['kind'],
  id: string,
  wanted: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>> | undefined,
  body: Step['body'],
): Step {
  const changes = Object.entries(wanted).flatMap(([name, to]) => changesOf(name, live?.[name], to));
  return { kind, id, isNew: live === undefined, changes, body };
}

/** Null is no value, as absence is. */
function changesOf(field: string, from: unknown, to: unknown): Change[] {
  const [before, after] = [membersOf(from), membersOf(to)];
  if (before !== undefined || after !== undefined) {
    const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
    return [...names].flatMap((name) => changesOf(`${field}.${name}`, before?.[name], after?.[name]));
  }
  if (canonical(from ?? null) === canonical(to ?? null)) return [];
  return [{ field, from: from ?? undefined, to: to ?? undefined }];
}

/** The members of an object; of a list of days each by its date. */
function membersOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value));
  const days = value.map((one: unknown) => dayOf(one));
  const isOfDays = days.length > 0 && days.every((day) => day !== undefined);
  return isOfDays && new Set(days.map(([date]) => date)).size === days.length
    ? Object.fromEntries(days)
    : undefined;
}

function dayOf(value: unknown): readonly [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null || !('date' in value)) return undefined;
  return [String(value.date), 'name' in value ? value.name : true];
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}
