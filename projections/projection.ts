import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { RecordedEvent } from '../src/events/event.ts';
import type { Retention } from './retention.ts';

/** Where the rows of a projection lie: under their scheduler's id and, where `sort` is named, a key of their own. */
export type ProjectionTable = {
  readonly name: string;
  readonly partition: 'scheduler_id';
  readonly sort?: string;
  /** Whether rows expire by TTL. */
  readonly expires: boolean;
  /** Rows can be made anew at any time: nothing to recover. */
  readonly recoverable: false;
};

type Named = {
  /** What operators call it. */
  readonly name: string;
  /** Raise it when a row would come out differently from the same events; older rows are then rebuilt. */
  readonly version: number;
  readonly table: ProjectionTable;
};

/**
 * One row per scheduler, joined from what each of its events says alone.
 *
 * `join` is commutative, associative and idempotent, and `nothing` is its neutral element, so that duplicates,
 * disorder and replay all end in the same row. Each cell of a row is null (no event yet) or holds the mark of
 * the event that decides it, as `at` and `id`.
 */
export type StateProjection<Row extends { readonly scheduler_id: string }> = Named & {
  readonly schema: z.ZodType<Row>;
  readonly emptyRow: (schedulerId: string) => Row;
  readonly fromEvent: (recorded: RecordedEvent) => Row;
  readonly join: (a: Row, b: Row) => Row;
  /** Of a row, what it knows from events that are past their retention and that no stream can tell any more. */
  readonly pastRetention: (row: Row, now: number, retention: Retention) => Row;
};

/**
 * Rows that come from one event each and lie under its key (`eventKey`). Of equal keys the rows are equal, so a
 * join is a union.
 */
export type EntriesProjection<Entry extends { readonly scheduler_id: string }> = Named & {
  readonly table: Required<ProjectionTable>;
  readonly schema: z.ZodType<Entry>;
  readonly fromEvent: (recorded: RecordedEvent) => ReadonlyMap<string, Entry>;
  /** When an entry stops to count, ms UTC, undefined: never; no event may stop before the entries that it leaves. */
  readonly expiryOf: (entry: Entry, retention: Retention) => number | undefined;
  /** A key at or above which all entries lie that count at `now`: keys begin with a UTC time. */
  readonly firstKey: (now: number, retention: Retention) => string;
};

/** The row that a set of events leaves behind. */
export function foldOf<Row extends { readonly scheduler_id: string }>(
  { emptyRow, fromEvent, join }: StateProjection<Row>,
  schedulerId: string,
  events: Iterable<RecordedEvent>,
): Row {
  let row = emptyRow(schedulerId);
  for (const event of events) row = join(row, fromEvent(event));
  return row;
}

/** Whether joining `b` leaves `a` as it is: then there is nothing to write. */
export function covered<Row extends { readonly scheduler_id: string }>(
  { join }: StateProjection<Row>,
  a: Row,
  b: Row,
): boolean {
  return isDeepStrictEqual(join(a, b), a);
}

/** A rebuilt row with what the old row knew from events that are past their retention. */
export function carry<Row extends { readonly scheduler_id: string }>(
  { join, pastRetention }: StateProjection<Row>,
  rebuilt: Row,
  old: Row,
  now: number,
  retention: Retention,
): Row {
  return join(rebuilt, pastRetention(old, now, retention));
}
