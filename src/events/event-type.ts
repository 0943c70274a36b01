import { z } from 'zod';
import * as field from './fields.ts';

/** One field of an event: what a report may say of it, and what is stored, which has to be read for ever. */
type Sides = { readonly sent: z.ZodType; readonly stored: z.ZodType };
/** @param needs the schema version that a consumer must know to understand a report that names it */
type Field = Sides & { readonly needs?: number };
export type Fields = Readonly<Record<string, Field>>;
export type Side<F extends Fields, S extends keyof Sides> = { [N in keyof F]: F[N][S] };

/** Of every field the one side. */
export function sideOf<F extends Fields, S extends keyof Sides>(fields: F, side: S): Side<F, S>;
export function sideOf(fields: Fields, side: keyof Sides): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one[side]]));
}

/** A field that every report brings. */
export function required<A extends z.ZodType, B extends z.ZodType>(sent: A, stored: B) {
  return { sent, stored };
}

/** A field whose absence is stored as null; events from before it came have none either. */
export function optional<A extends z.ZodType, B extends z.ZodType>(sent: A, stored: B) {
  return { sent: sent.optional(), stored: stored.nullable().default(null) };
}

/** A field that is absent where nothing is said of it, and null where what was said before is taken back. */
export function clearable<A extends z.ZodType, B extends z.ZodType>(sent: A, stored: B) {
  return { sent: sent.nullable().exactOptional(), stored: stored.nullable().exactOptional() };
}

/** A field that came later: an older consumer must not pass over it, so a report that names it is left to newer ones. */
export function since<F extends Sides>(needs: number, of: F) {
  return { ...of, needs };
}

/** What one type of event is. All else that is known of it follows from this. */
type Definition<N, T, V, R, O, W> = {
  /** The `type` of the reports that become such events, as in `docs/sqs.md`. */
  readonly report: N;
  readonly type: T;
  /** The version of what is stored. */
  readonly v: V;
  /**
   * The schema version that a consumer must know to understand any report of it: older ones leave the message to newer
   * ones. A field that came later may need a newer one (`since`).
   */
  readonly needs: number;
  readonly timestamp: W;
  readonly required: R;
  readonly optional: O;
  /** Today's form of what an earlier version stored; anything else as it is. Pure. */
  readonly upcast: (item: unknown) => unknown;
};

/** A type of event: its definition, and the schemas of its reports and of what is stored. */
export function eventType<
  const N extends string,
  const T extends string,
  const V extends number,
  R extends Fields,
  O extends Fields,
  W extends z.ZodType,
>(definition: Definition<N, T, V, R, O, W>) {
  const { report, type, v, timestamp, upcast } = definition;
  const fact = { v: z.literal(v), scheduler_id: z.string(), occurred_at: z.string() };
  const payload = {
    type: z.literal(type),
    ...sideOf(definition.required, 'stored'),
    ...sideOf(definition.optional, 'stored'),
  };
  const content = z.object({ ...fact, ...payload });
  const stored = z.object({ ...fact, event_id: z.string(), ...payload });
  return {
    ...definition,
    body: z.object({
      type: z.literal(report),
      scheduler_id: field.schedulerId,
      ...sideOf(definition.required, 'sent'),
      timestamp,
      ...sideOf(definition.optional, 'sent'),
      event_id: field.anyId.optional(),
    }),
    content,
    stored,
    /** What the event of a report says. */
    contentOf: (report: object, occurred_at: string) => content.parse({ ...report, v, type, occurred_at }),
    /** The event in a stored item of any version; undefined for what a newer program stored, or what was damaged. */
    read: (item: unknown) => stored.safeParse(upcast(item)).data,
  };
}
