import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock } from '../../src/clock.ts';
import type { Gap } from '../../src/night/coverage.ts';
import { addState } from '../../src/operator/state/command.ts';
import { record } from '../../src/store/projections/record.ts';
import { beat } from '../../src/store/roles.ts';
import { stateTable } from '../../src/store/state/state-rows.ts';
import { tableOf } from '../../src/store/store.ts';
import { createCoverageMonitor } from '../../src/watch/coverage-monitor.ts';
import { run, testCli } from '../operator/test-cli.ts';
import { at, heartbeat, idOf, recorded, registration, status } from '../support/events.ts';
import { startIngress, type TestBackend } from '../support/harness.ts';
import { atTheEnd, openBackend } from '../support/open.ts';
import { openApp, answerIn, seen } from '../transports/slack/app-world.ts';

/** What a reader shows: a job's state by its id, and which jobs it cannot show. */
type Shown = { readonly states: Record<string, string>; readonly missing: readonly string[] };

const job = (id: string) => ({ scheduler_id: id, service_name: 'billing', job_name: id });
const began = (id: string) => status({ ...job(id), status: 'running', occurred_at: at('17:10:00.000') });

/**
 * At 02:00 in Jakarta: `silent` has said nothing since 00:10, `alive` was heard a moment ago, `done` has ended; the row
 * of `broken` cannot be read, and of `torn` an event of 01:50.
 */
async function night(): Promise<TestBackend> {
  const backend = await openBackend({ clock: createClock({ start: Date.parse(at('19:00:00.000')) }) });
  const { store } = backend;
  await record(
    store,
    [
      began('silent'),
      began('alive'),
      heartbeat({ ...job('alive'), occurred_at: at('17:19:30.000'), event_id: idOf(2) }),
      heartbeat({ ...job('alive'), occurred_at: at('17:28:30.000'), event_id: idOf(3) }),
      heartbeat({ ...job('alive'), occurred_at: at('18:59:30.000'), event_id: idOf(4) }),
      status({ ...job('done'), occurred_at: at('17:29:00.000') }),
      registration({ ...job('broken'), occurred_at: at('16:00:00.000') }),
      registration({ ...job('torn'), occurred_at: at('16:00:00.000') }),
    ].map((event) => recorded(event)),
  );
  const put = (table: 'schedulers' | 'events', Item: object) =>
    store.client.send(new PutCommand({ TableName: tableOf(store, table), Item: { ...Item } }));
  await put('schedulers', { scheduler_id: 'broken', version: 1, rev: 9, registration: 'nonsense' });
  const newer = { ...recorded(status({ ...job('torn'), occurred_at: at('18:50:00.000') })).event, v: 9 };
  await put('events', { ...newer, 'occurred_at#event_id': `${newer.occurred_at}#${newer.event_id}` });
  return backend;
}

/** A consumer and an ingress that began `seconds` ago. */
async function begin({ store, clock }: TestBackend, seconds: number): Promise<void> {
  const since = clock.real() - seconds * 1_000;
  await beat(store, { role: 'ingress', instance: 'i', since });
  await beat(store, { role: 'consumer', instance: 'c', since, read_up_to: 'idle' });
}

/** The coverage as the watch stored it some seconds ago. */
async function coveredBefore(
  { store, clock }: TestBackend,
  { since, seconds, gaps }: { since: string; seconds: number; gaps: readonly Gap[] },
): Promise<void> {
  const until = clock.now() - seconds * 1_000;
  const details = { since: Date.parse(at(since)), until, gaps: [...gaps] };
  await stateTable(store).create({ key: 'coverage', created_at: at('16:00:00.000'), details });
}

const line = z.object({ scheduler_id: z.string(), board_state: z.string() });
const board = z.object({
  cells: z.array(z.object({ scheduler_id: z.string(), state: z.string() })),
  unreadable: z.array(z.string()),
});
const table = z.array(z.array(z.object({ text: z.string() })));

/** Asks every reader, each as its user does. @param time of Jakarta's night, `HH:mm`; undefined: now */
async function askAll(backend: TestBackend, time?: string): Promise<Record<string, Shown>> {
  const utc =
    time === undefined ? undefined : new Date(Date.parse(`2099-11-24T${time}:00+07:00`)).toISOString();
  const { store, clock } = backend;

  const monitor = createCoverageMonitor(store, clock);
  await monitor.assessCoverage();
  const slack = await openApp({ store, clock, coverage: monitor.current });
  const reply = answerIn(await slack.command(time === undefined ? '' : `at ${time}`));
  const rows = table.parse(reply.blocks.find(({ type }) => type === 'table')?.['rows']).slice(1);
  const [, unreadable = ''] = /not whole: (?:rows|events) of (.+) cannot be read/.exec(seen(reply)) ?? [];

  const cli = testCli(backend);
  await run(cli, addState, ['state', '--all', '--json', ...(utc === undefined ? [] : ['--as-of', utc])]);
  const lines = cli
    .out()
    .trim()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)));

  const ingress = await startIngress(backend);
  atTheEnd(ingress.stop);
  const answer = await ingress.call('GET', `/boards/eod${utc === undefined ? '' : `?at=${utc}`}`);
  const { cells, unreadable: missing } = board.parse(answer.json);

  return {
    slack: {
      states: statesOf(rows.map(([state, name]) => [name?.text, state?.text.replace(/^\S+ /, '')])),
      missing: unreadable
        .split(', ')
        .flatMap((name) => (name === '' ? [] : [name.replace('billing / ', '')])),
    },
    operator: {
      states: statesOf(lines.map(({ scheduler_id, board_state }) => [scheduler_id, board_state])),
      missing: [...cli.err().matchAll(/(?:row|event) of (\S+) cannot/gi)].map(([, id = '']) => id),
    },
    http: {
      states: statesOf(cells.map(({ scheduler_id, state }) => [scheduler_id, state])),
      missing,
    },
  };
}

function statesOf(
  shown: readonly (readonly [string | undefined, string | undefined])[],
): Record<string, string> {
  return Object.fromEntries(shown.map(([id = '', state = '']) => [id, state]));
}

/** That every reader shows the same. */
function allShow(states: Record<string, string>, missing: readonly string[]): Record<string, Shown> {
  const shown = { states, missing };
  return { slack: shown, operator: shown, http: shown };
}

const ended = { done: 'completed', torn: 'pending' };

test('while nobody reads, no reader calls a job stale, now or then', async () => {
  const backend = await night();
  expect(await askAll(backend)).toEqual(
    allShow({ silent: 'running', alive: 'running', ...ended }, ['broken']),
  );
  expect(await askAll(backend, '00:30')).toEqual(
    allShow({ silent: 'running', alive: 'running', ...ended, broken: 'pending' }, []),
  );
});

test('a quick restart of the consumer changes nothing for any reader', async () => {
  const backend = await night();
  await begin(backend, 5);
  await coveredBefore(backend, { since: '16:00:00.000', seconds: 6, gaps: [] });
  const stale = { silent: 'stale', alive: 'running' };
  expect(await askAll(backend)).toEqual(allShow({ ...stale, ...ended }, ['broken']));
  expect(await askAll(backend, '00:30')).toEqual(allShow({ ...stale, ...ended, broken: 'pending' }, []));
});

test('an event that cannot be read hides its job from the boards after it, and every reader names the job', async () => {
  const backend = await night();
  await begin(backend, 10_800);
  expect(await askAll(backend, '01:55')).toEqual(
    allShow({ silent: 'stale', alive: 'stale', done: 'completed', broken: 'pending' }, ['torn']),
  );
});

test.each([
  ['00:18', 'running'],
  ['00:22', 'running'],
  ['00:26', 'running'],
  ['00:35', 'running'],
  ['00:36', 'stale'],
])(
  'with no coverage from 00:15 to 00:25 every reader shows the job of 00:10 at %s as %s: its silence starts again',
  async (time, state) => {
    const backend = await night();
    await begin(backend, 5);
    const gap = { from: Date.parse(at('17:15:00.000')), to: Date.parse(at('17:25:00.000')) };
    await coveredBefore(backend, { since: '17:25:00.000', seconds: 6, gaps: [gap] });
    const { slack, ...others } = await askAll(backend, time);
    expect(slack?.states['silent']).toBe(state);
    expect(others).toEqual({ operator: slack, http: slack });
  },
);

test('after a gap the present board starts every heartbeat time-out again, whoever shows it', async () => {
  const backend = await night();
  await begin(backend, 60);
  await coveredBefore(backend, { since: '16:00:00.000', seconds: 3_600, gaps: [] });
  expect(await askAll(backend)).toEqual(
    allShow({ silent: 'running', alive: 'running', ...ended }, ['broken']),
  );
  // Before the gap it was judged, and is.
  expect((await askAll(backend, '00:30'))['operator']?.states['silent']).toBe('stale');
});
