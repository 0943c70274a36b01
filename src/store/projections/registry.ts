import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { currentStateProjection } from '../../../projections/current-state.ts';
import { historyProjection } from '../../../projections/history.ts';
import { rulesProjection } from '../../../projections/rules.ts';
import type { EntriesProjection, StateProjection } from '../../../projections/projection.ts';
import type { Retention } from '../../../projections/retention.ts';
import type { RecordedEvent } from '../../events/event.ts';
import { entryRows } from './entry-rows.ts';
import { rebuildEntries } from './rebuild-entries.ts';
import { rebuildState } from './rebuild-state.ts';
import type { Examination, RebuildOptions } from './rebuild.ts';
import { projectAll } from './project.ts';
import type { Result } from '../result.ts';
import type { Segment } from '../segments.ts';
import { stateRows } from './state-rows.ts';
import type { Store } from '../store.ts';
import { tables, type TableDefinition } from '../tables.ts';

/** A projection as consumers, replay and verify see it, whatever its rows are. */
export type StoredProjection = {
  readonly name: string;
  readonly version: number;
  readonly table: TableDefinition;
  /** Brings events that are already appended into the rows; one outcome per event, in order. */
  readonly apply: (store: Store, events: readonly RecordedEvent[]) => Promise<Result<unknown>[]>;
  /** Compares a scheduler's rows with its events and, if asked, makes them anew, while consumers write. */
  readonly rebuild: (store: Store, schedulerId: string, options: RebuildOptions) => Promise<Examination>;
  /** A row's digest for every row of a segment; a scheduler's rows together are the sum of theirs. */
  readonly scanDigests: (store: Store, segment?: Segment) => AsyncGenerator<StoredDigest>;
  /** When a row stops to count, ms UTC; undefined where it cannot be read. Without it rows never expire. */
  readonly expiryOf?: (row: unknown, retention: Retention) => number | undefined;
  /** Gathers the digest that a scheduler's rows should have, event by event in any order. */
  readonly expectation: (store: Store, schedulerId: string) => Expectation;
};

export type StoredDigest = {
  readonly schedulerId: string;
  /** Of the projection that wrote the row. */
  readonly version: number;
  readonly digest: bigint;
};
export type Expectation = {
  readonly add: (recorded: RecordedEvent) => void;
  /** 0n: no rows. */
  readonly digest: () => bigint;
};

/**
 * Every projection. A line here is all it takes to add one: its table is provisioned, consumers
 * write it, replay and verify look after it (docs/projections.md).
 */
export const storedProjections: readonly StoredProjection[] = [
  storedState(currentStateProjection),
  storedEntries(historyProjection),
  storedEntries(rulesProjection),
];

/** Every table that is provisioned. */
export function allTables(projections: readonly StoredProjection[] = storedProjections): TableDefinition[] {
  const definitions = [...Object.values(tables), ...projections.map(({ table }) => table)];
  return [...new Map(definitions.map((table) => [table.name, table])).values()];
}

/** A projection of one row a scheduler, stored. */
export function storedState<Row extends { readonly scheduler_id: string }>(
  projection: StateProjection<Row>,
): StoredProjection {
  const { name, version, table, emptyRow, fromEvent, join } = projection;
  const rows = stateRows(projection);
  return {
    name,
    version,
    table,
    apply: async (store, events) => {
      const states = await projectAll(store, projection, rows, events);
      return events.map(({ event }) => stepOf(states, event.scheduler_id));
    },
    rebuild: (store, schedulerId, options) => rebuildState(store, projection, rows, schedulerId, options),
    scanDigests: async function* (store, segment) {
      for await (const [schedulerId, row] of rows.scanStored(store, segment)) {
        yield { schedulerId, version: row.version, digest: digestOf('', row.version, row.state) };
      }
    },
    expectation: (_store, schedulerId) => {
      const none = emptyRow(schedulerId);
      let state = none;
      return {
        add: (recorded) => {
          state = join(state, fromEvent(recorded));
        },
        digest: () =>
          isDeepStrictEqual(state, none) ? 0n : digestOf('', version, projection.schema.parse(state)),
      };
    },
  };
}

/** A projection of entries, stored. */
function storedEntries<Entry extends { readonly scheduler_id: string }>(
  projection: EntriesProjection<Entry>,
): StoredProjection {
  const { name, version, table, fromEvent } = projection;
  const rows = entryRows(projection);
  return {
    name,
    version,
    table,
    apply: (store, events) => rows.putEntries(store, events.map(fromEvent)),
    rebuild: (store, schedulerId, options) => rebuildEntries(store, projection, rows, schedulerId, options),
    expiryOf: (row, retention) => {
      const { data } = projection.schema.safeParse(row);
      return data === undefined ? undefined : projection.expiryOf(data, retention);
    },
    scanDigests: async function* (store, segment) {
      for await (const [schedulerId, key, row] of rows.scanStored(store, segment)) {
        yield { schedulerId, version: row.version, digest: digestOf(key, row.version, row.entry) };
      }
    },
    expectation: ({ clock, retention }) => {
      const first = projection.firstKey(clock.now(), retention);
      let sum = 0n;
      return {
        add: (recorded) => {
          for (const [key, entry] of fromEvent(recorded)) {
            if (key >= first) sum += digestOf(key, version, projection.schema.parse(entry));
          }
        },
        digest: () => sum,
      };
    },
  };
}

/** What a row says, as a number: never 0, and 1 when it cannot be read, which no expected row is. */
function digestOf(key: string, version: number, row: unknown): bigint {
  if (row === undefined) return 1n;
  const text = `${key}\n${version}\n${JSON.stringify(row)}`;
  return BigInt(`0x1${hash('sha256', text, 'hex').slice(0, 24)}`);
}

function stepOf(states: ReadonlyMap<string, Result<unknown>>, schedulerId: string): Result<unknown> {
  const step = states.get(schedulerId);
  if (step === undefined) throw new Error('every event’s scheduler has been projected or has failed');
  return step;
}
