import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { currentStateProjection, fold } from '../../projections/current-state.ts';
import { fromEvent } from '../../projections/history.ts';
import { retentionOf } from '../../projections/retention.ts';
import { createClock } from '../../src/clock.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { storedProjections } from '../../src/store/projections/registry.ts';
import { rebuildState } from '../../src/store/projections/rebuild-state.ts';
import { record } from '../../src/store/projections/record.ts';
import { readRow, schedulerRows } from '../../src/store/projections/scheduler-rows.ts';
import { tableOf, type Store } from '../../src/store/store.ts';
import { stream } from '../support/arbitraries.ts';
import { randomFrom } from '../process/night-of-events.ts';
import { at, heartbeat, idOf, recorded, status } from '../support/events.ts';
import { listHistory } from './fixtures.ts';
import { memoryTables, type Access } from './memory-client.ts';

/**
 * Consumers and a replay at work on one row, in the orders in which their requests can follow each other. The
 * race that must not be lost is rule 5's: a consumer finds that a damaged row says what its event says already
 * and writes nothing; the replay, which read the events before, swaps that row for one without it.
 */
const days = { HISTORY_RETENTION_DAYS: 30, EVENT_RETENTION_DAYS: 400, HEARTBEAT_RETENTION_DAYS: 7 };
const clock = createClock({}, () => Date.parse('2099-11-24T00:00:00.000Z'));

const [first, second, third] = (['running', 'failed', 'completed'] as const).map((name, n) =>
  recorded(status({ occurred_at: at(`17:0${n}:00.000`), event_id: idOf(n), status: name })),
);
const events = [first, second, third].filter((event) => event !== undefined);

const ahead = 'a damaged row that has everything';
/** Rows that a replay finds: what the events would leave with something that none of them says, and others. */
const starts: Readonly<Record<string, object | undefined>> = {
  [ahead]: {
    ...fold('payroll', events),
    ...{ version: 1, rev: 7, pending: { at: at('17:59:00.000'), id: idOf(99) } },
  },
  'a row that lacks its status': { ...fold('payroll', []), version: 1, rev: 7 },
  'a row of an older version': { scheduler_id: 'payroll', version: 0, rev: 7, status: 'green' },
  'no row': undefined,
};

type Task = (store: Store) => Promise<unknown>;

const replay: Task = (store) =>
  rebuildState(store, currentStateProjection, schedulerRows, 'payroll', { write: true });

/** Without `projections` it writes the current state alone. */
function consumer(event: RecordedEvent, projections = storedProjections): Task {
  return async (store) => {
    const [outcome] = await record(store, [event], projections);
    if (outcome?.ok !== true) throw outcome?.error;
  };
}

/** A task that waits with a request. */
type Waiting = Access & { readonly task: number };

/**
 * Runs tasks request by request: whenever all of them wait with one, `choose` says which goes first.
 * @returns the tables as all of them left them
 */
async function play(
  start: object | undefined,
  tasks: readonly Task[],
  choose: (waiting: readonly Waiting[]) => number,
  before: readonly RecordedEvent[] = events.slice(0, 1),
): Promise<Store> {
  const tables = memoryTables();
  const storeWith = (before: (access: Access) => Promise<void>): Store => ({
    ...{ client: tables.client(before), prefix: 't-', clock, retention: retentionOf(days) },
  });
  const store = storeWith(() => Promise.resolve());
  await record(store, before);
  const TableName = tableOf(store, 'schedulers');
  const { rev } = (await readRow(store, 'payroll')) ?? {};
  if (start === undefined) await schedulerRows.removeRow(store, 'payroll', rev);
  else await store.client.send(new PutCommand({ TableName, Item: { scheduler_id: 'payroll', ...start } }));

  const waiting = new Map<number, Waiting & { readonly go: () => void }>();
  let busy = tasks.length;
  let quiet = Promise.withResolvers<true>();
  const rest = (): void => {
    busy -= 1;
    if (busy === 0) quiet.resolve(true);
  };
  const ends = tasks.map(async (task, n) => {
    const own = storeWith(async (access) => {
      const turn = Promise.withResolvers<undefined>();
      const go = (): void => {
        turn.resolve(undefined);
      };
      waiting.set(n, { ...access, task: n, go });
      rest();
      await turn.promise;
    });
    await task(own).finally(rest);
  });
  for (;;) {
    await quiet.promise;
    if (waiting.size === 0) break;
    const all = [...waiting.values()].sort((a, b) => a.task - b.task);
    const next = all[choose(all)];
    if (next === undefined) throw new Error('it chose one that does not wait');
    waiting.delete(next.task);
    busy = 1;
    quiet = Promise.withResolvers();
    next.go();
  }
  await Promise.all(ends);
  return store;
}

/** Whether two requests come to the same in whichever order. */
function commute(a: Access, b: Access): boolean {
  return a.table !== b.table || !(a.writes || b.writes);
}

/** A choice among those who waited; who is asleep need not go next: it would be an order that was tried already. */
type Choice = {
  readonly of: readonly Waiting[];
  readonly chosen: number;
  readonly asleep: readonly number[];
};

/** Ends a run that would bring nothing new. */
class Known extends Error {}

/**
 * One order out of all those that differ by requests which commute, for all there are: `run` is called with a way to
 * choose until none is left. Sleep sets: P. Godefroid, Partial-Order Methods for the Verification of Concurrent
 * Systems, LNCS 1032, chapter 5.
 */
async function everyOrder(
  run: (choose: (waiting: readonly Waiting[]) => number) => Promise<void>,
): Promise<number> {
  const awake = ({ of, asleep }: Omit<Choice, 'chosen'>): number =>
    of.findIndex(({ task }) => !asleep.includes(task));
  let fixed: readonly Choice[] = [];
  for (let orders = 0; ;) {
    const made: Choice[] = [];
    const isNew = await run((of) => {
      const asleep = fixed[made.length]?.asleep ?? stillAsleep(made.at(-1));
      const chosen = fixed[made.length]?.chosen ?? awake({ of, asleep });
      if (chosen < 0) throw new Known();
      made.push({ of, chosen, asleep });
      return chosen;
    }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Known) return false;
        throw error;
      },
    );
    if (isNew) orders += 1;
    const tried = made.map(({ of, chosen, asleep }) => ({ of, asleep: [...asleep, of[chosen]?.task ?? 0] }));
    const last = tried.findLastIndex((choice) => awake(choice) >= 0);
    const next = tried[last];
    if (next === undefined) return orders;
    fixed = [...made.slice(0, last), { ...next, chosen: awake(next) }];
  }
}

function stillAsleep(before: Choice | undefined): number[] {
  const went = before?.of[before.chosen];
  if (before === undefined || went === undefined) return [];
  return before.asleep.filter((task) => {
    const asleep = before.of.find((one) => one.task === task);
    return asleep !== undefined && commute(asleep, went);
  });
}

async function expectAll(store: Store, recorded: readonly RecordedEvent[]): Promise<void> {
  expect((await readRow(store, 'payroll'))?.state).toEqual(fold('payroll', recorded));
  const entries = recorded.flatMap((event) => [...fromEvent(event).values()]);
  expect(await listHistory(store, 'payroll')).toEqual(entries.reverse());
}

test.each(Object.keys(starts))(
  'a replay that finds %s and a consumer leave what the events tell, in every order there is',
  async (name) => {
    if (second === undefined) throw new Error('an event');
    const orders = await everyOrder(async (choose) => {
      const store = await play(starts[name], [replay, consumer(second)], choose);
      await expectAll(store, events.slice(0, 2));
    });
    expect(orders).toBeGreaterThan(15);
  },
);

test.each(Object.keys(starts))('a replay that finds %s and two consumers do, in 60 orders', async (name) => {
  if (second === undefined || third === undefined) throw new Error('events');
  const random = randomFrom(5);
  for (let n = 0; n < 60; n += 1) {
    const tasks = [replay, consumer(second), consumer(third)];
    const store = await play(starts[name], tasks, (of) => Math.floor(random() * of.length));
    await expectAll(store, events);
  }
});

/** A row as any events would leave it, of any version, with a cell that no event tells. */
const damagedRow = fc
  .record({
    said: fc.subarray(['running', 'failed', 'heartbeat', 'snooze'] as const),
    version: fc.constantFrom(0, currentStateProjection.version),
    bogus: fc.constantFrom(at('17:00:00.000'), at('17:00:00.999'), at('17:59:00.000')),
  })
  .map(({ said, version, bogus }) => ({
    ...fold('payroll', []),
    ...Object.fromEntries(
      said.map((cell) => [cell, { at: bogus, id: idOf(99), until: bogus, by: 'nobody' }]),
    ),
    ...{ version, rev: 7 },
  }));

test('whatever the events, the damage and the order, a replay and two consumers leave what the events tell', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.option(damagedRow), fc.nat(), async (all, damaged, seed) => {
      const random = randomFrom(seed);
      // Late ones, with keys before what was read, are as likely as others.
      const groups = Map.groupBy(all, () => Math.floor(random() * 4));
      const late = [1, 2].flatMap((n) => (groups.get(n) ?? []).slice(0, 2));
      const before = all.filter((event) => !late.includes(event));
      const prune: Task = (store) =>
        rebuildState(store, currentStateProjection, schedulerRows, 'payroll', { write: true, prune: true });
      const tasks = [prune, ...late.map((event) => consumer(event, []))];
      const choose = (of: readonly Waiting[]): number => Math.floor(random() * of.length);
      const store = await play(damaged ?? undefined, tasks, choose, before);
      const row = await readRow(store, 'payroll');
      expect(row?.state ?? fold('payroll', [])).toEqual(fold('payroll', all));
    }),
    { numRuns: 60 },
  );
}, 120_000);

test.each([4, 5, 7])(
  'a replay of a long stream ends although with every %i requests another heartbeat is applied',
  async (every) => {
    let requests = 0;
    const tables = memoryTables({ eventsAPage: 4 });
    const storeWith = (ahead: () => Promise<void>): Store => ({
      ...{ client: tables.client(ahead), prefix: 't-', clock, retention: retentionOf(days) },
    });
    const consuming = storeWith(() => Promise.resolve());
    const beats: RecordedEvent[] = [];
    const beatOnce = async (): Promise<void> => {
      const n = beats.length + 1;
      // Every third comes late, with a key before what was read.
      const time = n % 3 === 0 ? at(`16:00:00.${100 + n}`) : at(`17:00:00.${100 + n}`);
      const beat = recorded(heartbeat({ occurred_at: time, event_id: idOf(n) }));
      beats.push(beat);
      await consumer(beat)(consuming);
    };
    for (let n = 0; n < 40; n += 1) await beatOnce();
    const damage = { pending: { at: at('17:59:00.000'), id: idOf(999) } };
    const Item = { ...fold('payroll', beats), ...damage, version: currentStateProjection.version, rev: 70 };
    await consuming.client.send(new PutCommand({ TableName: tableOf(consuming, 'schedulers'), Item }));
    await replay(
      storeWith(async () => {
        requests += 1;
        if (requests % every === 0) await beatOnce();
      }),
    );
    expect(beats.length).toBeGreaterThan(42);
    expect((await readRow(consuming, 'payroll'))?.state).toEqual(fold('payroll', beats));
  },
);
