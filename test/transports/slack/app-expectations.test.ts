import { beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { awayPublisher, answerIn, openApp, openBackend, seen, type Published } from './app-world.ts';
import { readStream } from '../../../src/store/events/event-store.ts';
import { scanRows } from '../../../src/store/projections/scheduler-rows.ts';
import { readRules } from '../../../src/store/projections/rule-rows.ts';
import { maintenanceStream } from '../../../src/events/rules.ts';
import { at, idOf, registration, status } from '../../support/events.ts';
import { until } from '../../support/until.ts';
import { happen } from './slack-process.ts';

/** What people ask in Slack of expectations, at 02:00 in Jakarta. */

const named = (scheduler_id: string, service_name: string, job_name: string) => ({
  ...{ scheduler_id, service_name, job_name },
});
const close = named('close', 'billing', 'close-day');
const post = named('post', 'ledger', 'post');
const report = named('report', 'reports', 'daily');
const monthly = named('monthly', 'reports', 'monthly');
const before = '2099-11-22T01:00:00.000Z';

let nth = 0;
const registers = (job: typeof close, expectation: object) => {
  nth += 1;
  return registration({
    ...job,
    ...{ event_id: idOf(nth), occurred_at: before, expectation: JSON.stringify(expectation) },
  });
};
const says = (job: typeof close, what: 'running' | 'completed', occurred_at: string) => {
  nth += 1;
  return status({ ...job, status: what, event_id: idOf(nth), occurred_at });
};

const backend = await openBackend();
await happen(
  backend.store,
  registers(close, { schedule: '0 1 * * *', finish_by: '03:00' }),
  // The night before it began 47 min late.
  says(close, 'running', '2099-11-22T18:47:00.000Z'),
  says(close, 'completed', '2099-11-22T19:10:00.000Z'),
  registers(post, { schedule: '30 2 * * *' }),
  says(post, 'completed', at('17:20:00.000')),
  registers(report, { schedule: '15 1 * * *', depends_on: ['close'] }),
  registers(monthly, { schedule: '0 3 1 * *' }),
);
const world = await openApp({ store: backend.store });
const ask = async (text: string): Promise<Published> => answerIn(await world.command(text));

const table = z.array(z.array(z.object({ text: z.string() })));
function rowsOf({ blocks }: Published): (string | undefined)[][] {
  return table
    .parse(blocks.find(({ type }) => type === 'table')?.['rows'])
    .slice(1)
    .map((row) => row.map(({ text }) => text));
}

test('/eod says what is late, what waits for what, and how many are not due', async () => {
  const answer = await ask('');
  expect(rowsOf(answer)).toEqual([
    ['⏰ late', 'close-day', 'due 01:00', 'not begun by 01:15', 'billing'],
    ['⬜ pending', 'post', '–', 'due 02:30 until 02:45 · a run of another day', 'ledger'],
    ['⬜ pending', 'daily', '–', 'waits for close, due 01:15', 'reports'],
  ]);
  expect(seen(answer)).toContain('1 job is not due tonight');
});

test('/eod late shows that part of it', async () => {
  expect(rowsOf(await ask('late')).map(([, job]) => job)).toEqual(['close-day']);
});

describe('/eod due', () => {
  test('shows what is due in the next hour or waits, the first due first', async () => {
    const answer = await ask('due');
    expect(rowsOf(answer)).toEqual([
      ['⬜ pending', 'daily', '–', 'waits for close, due 01:15', 'reports'],
      ['⬜ pending', 'post', '–', 'due 02:30 until 02:45', 'ledger'],
    ]);
    expect(seen(answer)).toContain('only: due in the next hour');
  });

  test('of a fleet of which nothing is due says so', async () => {
    const own = await openBackend();
    await happen(own.store, registers(post, { schedule: '1 3 * * *' }));
    const { command } = await openApp({ store: own.store });
    expect(answerIn(await command('due')).text).toBe('Nothing on the board is due in the next hour.');
  });

  test('knows what is due in the night that comes', async () => {
    const own = await openBackend();
    await happen(own.store, registers(post, { schedule: '50 2 * * *' }));
    const eod = { ...{ name: 'eod', channel: 'C0RONDA', zone: 'Asia/Jakarta', window: '02:30-06:00' } };
    const boards = [{ ...eod, updateMinutes: 60, services: null }] as const;
    const { command } = await openApp({ store: own.store, boards });
    expect(rowsOf(answerIn(await command('due')))).toEqual([
      ['⬜ pending', 'post', '–', 'due 24 Nov 02:50 until 24 Nov 03:05', 'ledger'],
    ]);
  });
});

describe('/eod JOB', () => {
  test('shows what is expected of it and what became of that', async () => {
    const text = seen(await ask('close-day'));
    expect(text).toContain('billing / close-day: late since 01:00 WIB');
    expect(text).toContain('due daily at 01:00 (Asia/Jakarta); ends by 03:00');
    expect(text).toContain(
      'Last verdicts:\n⬜ waiting · due 25 Nov 01:00\n⏰ late · due 24 Nov 01:00 · not begun by 24 Nov 01:15\n' +
        '✅ completed · due 23 Nov 01:00 · began 47 min late',
    );
  });

  test('finds one that is not due tonight', async () => {
    const answer = await ask('monthly');
    expect(answer.text).toBe('reports / monthly: pending');
    expect(seen(answer)).toContain('due at 03:00 by “0 3 1 * *” (Asia/Jakarta)');
  });

  test('by its button judges with what it waits for', async () => {
    const value = JSON.stringify({ scheduler_id: 'report', event_id: idOf(3), at: Date.parse(before) });
    await world.click('history', value);
    const text = seen(await until('it is answered', () => world.answers.at(-1)));
    expect(text).toContain('⬜ waiting · due 24 Nov 01:15 · waits for close, due 24 Nov 01:15');
  });
});

describe('/eod maintenance', () => {
  let own: Awaited<ReturnType<typeof openBackend>>;
  beforeEach(async () => {
    own = await openBackend();
    await happen(
      own.store,
      registers(close, { schedule: '0 3 * * *' }),
      registers(post, { schedule: '0 3 * * *' }),
    );
  });

  test('plans a maintenance from now on, once, and says so', async () => {
    const { command } = await openApp({ store: own.store });
    for (const trigger_id of ['7.8.def', '7.8.def']) {
      const answer = answerIn(await command('maintenance Billing 2h new <!here> disks', { trigger_id }));
      expect(answer.text).toBe(
        'billing: maintenance until 04:00 WIB (new &lt;!here&gt; disks). Its failures are shown and call nobody; ' +
          'what is due until then and does not run is excused.',
      );
    }
    const { maintenances } = await readRules(own.store);
    const [planned] = maintenances;
    expect(maintenances).toMatchObject([
      {
        by: 'sari (U0SARI)',
        plannedAt: Date.parse(at('19:00:00.000')),
        endedAt: null,
        value: {
          services: ['billing'],
          ...{ from: at('19:00:00.000'), until: at('21:00:00.000'), reason: 'new <!here> disks' },
        },
      },
    ]);
    const stored = await Array.fromAsync(readStream(own.store, maintenanceStream(planned?.id ?? '')));
    expect(stored).toMatchObject([{ event: { type: 'maintenance_planned' }, envelope: { sender: 'slack' } }]);
    // It is no scheduler.
    const ids = (await Array.fromAsync(scanRows(own.store))).map(({ scheduler_id }) => scheduler_id);
    expect(ids.sort()).toEqual(['close', 'post']);
    // Another process knows it at once.
    const { command: other } = await openApp({ store: own.store });
    const board = rowsOf(answerIn(await other('')));
    expect(board.map(([, job, , note]) => [job, note])).toEqual([
      ['close-day', 'excused: maintenance: new <!here> disks'],
      ['post', 'due 03:00 until 03:15'],
    ]);
  });

  test('of a service that nobody has says which there are, and plans nothing', async () => {
    const { command } = await openApp({ store: own.store });
    const answer = answerIn(await command('maintenance biling 2h new disks'));
    expect(answer.text).toBe('No service is called “biling”. There are billing, ledger.');
    expect((await readRules(own.store)).maintenances).toEqual([]);
  });

  test('needs no queue', async () => {
    const { command } = await openApp({ store: own.store, publisher: awayPublisher });
    expect(answerIn(await command('maintenance ledger 30m x')).text).toContain(
      'maintenance until 02:30 WIB (x)',
    );
  });

  test('without a reason, or with one that is too long, says what is missing', async () => {
    const { command } = await openApp({ store: own.store });
    expect(answerIn(await command('maintenance billing 2h')).text).toContain('for how long and why');
    expect(answerIn(await command(`maintenance billing 2h ${'x'.repeat(501)}`)).text).toContain(
      'the reason must be at most 500 characters',
    );
    expect((await readRules(own.store)).maintenances).toEqual([]);
  });
});
