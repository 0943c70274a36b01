import { expect, test } from '@jest/globals';
import { retentionOf } from '../../projections/retention.ts';
import { createClock } from '../../src/clock.ts';
import { addExtendRetention } from '../../src/operator/extend-retention/command.ts';
import { heartbeat, idOf, recorded, registration, status } from '../support/events.ts';
import type { TestBackend } from '../support/harness.ts';
import { openBackend } from '../support/open.ts';
import { allIn, recordAll } from './replay/world.ts';
import { rawRow } from '../store/fixtures.ts';
import { run, testCli } from './test-cli.ts';

const day = 86_400_000;
const morning = Date.parse('2099-11-24T06:00:00.000Z');
const occurredAt = '2099-11-23T17:30:00.000Z';

async function withEvents(clock = createClock({}, () => morning)): Promise<TestBackend> {
  const backend = await openBackend({ clock });
  await recordAll(backend.store, [
    recorded(registration({ event_id: idOf(1) })),
    recorded(status({ event_id: idOf(2) })),
    recorded(heartbeat({ event_id: idOf(3) })),
  ]);
  return backend;
}

/** Runs it where the settings say these days. */
async function extend(backend: TestBackend, days: readonly [number, number, number], ...argv: string[]) {
  const [HISTORY_RETENTION_DAYS, EVENT_RETENTION_DAYS, HEARTBEAT_RETENTION_DAYS] = days;
  const retention = retentionOf({ HISTORY_RETENTION_DAYS, EVENT_RETENTION_DAYS, HEARTBEAT_RETENTION_DAYS });
  const cli = testCli({ ...backend, store: { ...backend.store, retention } });
  const code = await run(cli, addExtendRetention, ['extend-retention', ...argv]);
  return { code, out: cli.out(), err: cli.err() };
}

/** For how many days after it happened each item is kept. */
async function keptDays({ store }: TestBackend) {
  const daysOf = async (table: 'events' | 'history', sort: string, id: string) => {
    const row = await rawRow(store, table, { scheduler_id: 'payroll', [sort]: `${occurredAt}#${id}` });
    const expiry = row?.['expires_at'];
    return expiry === undefined ? undefined : (Number(expiry) * 1_000 - Date.parse(occurredAt)) / day;
  };
  return {
    registration: await daysOf('events', 'occurred_at#event_id', idOf(1)),
    status: await daysOf('events', 'occurred_at#event_id', idOf(2)),
    heartbeat: await daysOf('events', 'occurred_at#event_id', idOf(3)),
    entry: await daysOf('history', 'timestamp#event_id', idOf(2)),
  };
}

const before = { registration: undefined, status: 400, heartbeat: 7, entry: 30 };

test('what is stored is kept for as long as the raised settings say, and changes in nothing else', async () => {
  const backend = await withEvents();
  const tables = async () => [await allIn(backend.store, 'events'), await allIn(backend.store, 'history')];
  const items = await tables();
  expect(await keptDays(backend)).toEqual(before);
  expect(await extend(backend, [90, 800, 14], '--dry-run')).toEqual({
    code: 0,
    out: 'events: 2 items of 3 items would be kept longer.\nscheduler-status-history: 1 item of 1 item would be kept longer.\n',
    err: '',
  });
  expect(await keptDays(backend)).toEqual(before);

  const { code, out } = await extend(backend, [90, 800, 14], '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    complete: true,
    dry_run: false,
    tables: { events: { seen: 3, extended: 2 }, 'scheduler-status-history': { seen: 1, extended: 1 } },
  });
  expect(await keptDays(backend)).toEqual({ registration: undefined, status: 800, heartbeat: 14, entry: 90 });
  expect(await tables()).toEqual(items);
  expect((await extend(backend, [90, 800, 14])).out).toContain('events: 0 items of 3 items kept longer.\n');
});

test('a lowered setting takes nothing away: what is past it counts for nobody anyhow', async () => {
  const backend = await withEvents();
  expect((await extend(backend, [10, 20, 1])).code).toBe(0);
  expect(await keptDays(backend)).toEqual(before);
});

test('while the clock is not real nothing expires, and that is said', async () => {
  const backend = await withEvents(createClock({ start: morning, speed: 60 }));
  expect(await extend(backend, [90, 800, 14])).toEqual({
    code: 2,
    out: '',
    err: 'ronda: While RONDA_CLOCK_START or RONDA_CLOCK_SPEED is set nothing expires.\n',
  });
});
