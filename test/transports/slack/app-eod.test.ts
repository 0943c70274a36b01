import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { allVouched, at, idOf, registration, removal, status } from '../../support/events.ts';
import { startProxy } from '../../support/proxy.ts';
import { testEndpoints } from '../../support/harness.ts';
import { until } from '../../support/until.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { readMessage } from '../../../src/queue/message.ts';
import { tableOf } from '../../../src/store/store.ts';
import { eod } from '../../support/boards.ts';
import { atTheEnd } from '../../support/open.ts';
import {
  awayPublisher,
  hangingPublisher,
  keptPublisher,
  openApp,
  openBackend,
  answerIn,
  seen,
} from './app-world.ts';
import { happen } from './slack-process.ts';

const { publisher, sent } = keptPublisher();

const named = (scheduler_id: string, service_name: string, job_name: string) => ({
  scheduler_id,
  service_name,
  job_name,
});
const payroll = named('payroll', 'billing', 'close-day');
const groupingState = named('ledger-1', 'ledger', 'post');

const backend = await openBackend();
await happen(
  backend.store,
  registration({ ...payroll, event_id: idOf(1), occurred_at: at('01:00:00.000') }),
  status({ ...payroll, status: 'running', event_id: idOf(2), occurred_at: at('17:30:00.000') }),
  status({
    ...payroll,
    status: 'failed',
    error_message: 'disk full',
    event_id: idOf(3),
    occurred_at: at('17:40:00.000'),
  }),
  registration({ ...groupingState, event_id: idOf(4), occurred_at: at('01:00:00.000') }),
  status({ ...groupingState, status: 'running', event_id: idOf(5), occurred_at: at('17:10:00.000') }),
  status({ ...groupingState, status: 'completed', event_id: idOf(6), occurred_at: at('18:20:00.000') }),
  registration({ ...named('r-1', 'reports', 'daily'), event_id: idOf(7), occurred_at: at('01:00:00.000') }),
  registration({
    ...named('r-2', 'reports', 'weekly'),
    event_id: idOf(8),
    occurred_at: at('01:00:00.000'),
  }),
  registration({ ...named('old', 'reports', 'old'), event_id: idOf(9), occurred_at: at('01:00:00.000') }),
  removal({ scheduler_id: 'old', event_id: idOf(10), occurred_at: at('02:00:00.000') }),
);
const world = await openApp({ store: backend.store, publisher });
beforeEach(() => {
  sent.length = 0;
});

const eventsSent = () =>
  sent.map(({ body }) => {
    const read = readMessage({ body, messageId: 'none', sentAt: at('19:00:00.000'), vouched: allVouched });
    if (!read.ok) throw new Error(read.issues.join());
    return read.value;
  });

describe('/eod', () => {
  test('shows the board now, to the asker alone, within the acknowledgement', async () => {
    const answer = await world.command('');
    expect(answer.status).toBe(200);
    const reply = answerIn(answer);
    expect(reply.response_type).toBe('ephemeral');
    expect(reply.text).toBe(
      'Night of 24 November 2099, 02:00 WIB: 1 failed, 0 stale, 0 running, 2 pending, 1 completed. ' +
        'Failed: billing / close-day.',
    );
    expect(reply.blocks.map(({ type }) => type)).toContain('table');
    expect(seen(reply)).toContain('disk full');
    expect(world.answers).toEqual([]);
  });

  test('says so when nobody reads events, or when they are read late', async () => {
    const app = (judgedAt: number | null) =>
      openApp({ store: backend.store, coverage: () => ({ judgedAt, coveredSince: 0, gaps: [] }) });
    const uncovered = answerIn(await (await app(null)).command(''));
    expect(seen(uncovered)).toContain(
      'events are not being read at the moment: this is what was known before',
    );
    const late = answerIn(await (await app(Date.parse(at('18:14:00.000')))).command(''));
    expect(seen(late)).toContain('data as of 01:14 WIB');
  });

  test('shows the board of the channel it is given in, in any other the first', async () => {
    const boards = [
      { ...eod, services: ['billing'] },
      { ...eod, name: 'books', channel: 'C0BOOKS', services: ['ledger'] },
    ] as const;
    const { command } = await openApp({ store: backend.store, boards });
    const books = answerIn(await command('', { channel_id: 'C0BOOKS' }));
    expect(books.text).toContain('books: night of 24 November 2099, 02:00 WIB: 0 failed, 0 stale');
    expect(books.text).toContain('1 completed');
    const elsewhere = answerIn(await command('', { channel_id: 'D0SARI' }));
    expect(elsewhere.text).toContain('1 failed, 0 stale, 0 running, 0 pending, 0 completed');
  });

  test.each([
    ['failed', ['close-day']],
    ['completed', ['post']],
    ['pending', ['daily', 'weekly']],
    ['reports', ['daily', 'weekly']],
    ['Reports ', ['daily', 'weekly']],
  ])('%s shows that part of the board', async (text, jobs) => {
    const reply = answerIn(await world.command(text));
    const [table] = reply.blocks.filter(({ type }) => type === 'table');
    const rows = z.array(z.array(z.object({ text: z.string() }))).parse(table?.['rows']);
    expect(rows.slice(1).map((row) => row[1]?.text)).toEqual(jobs);
    expect(seen(reply)).toContain(`only: ${text.trim()}`);
  });

  test('stale says so when nothing is', async () => {
    expect(answerIn(await world.command('stale')).text).toBe('Nothing on the board is stale.');
  });

  test('help says what there is', async () => {
    expect(seen(answerIn(await world.command('help')))).toContain('/eod at 02:15');
  });

  test('says what it did not understand', async () => {
    expect(answerIn(await world.command('snooze payroll')).text).toContain('snooze JOB 2h');
  });
});

describe('/eod JOB', () => {
  test.each(['payroll', 'close-day', 'BILLING', 'clos', 'billing / close-day'])(
    'shows the one that “%s” names, with its last runs',
    async (text) => {
      const reply = answerIn(await world.command(text));
      expect(reply.text).toBe('billing / close-day: failed since 00:40 WIB (disk full)');
      expect(seen(reply)).toContain('❌ failed · 24 Nov 00:40 · 10 min · disk full');
    },
  );

  test('offers a choice where several are meant', async () => {
    const reply = answerIn(await world.command('report'));
    expect(reply.text).toBe('2 jobs match “report”: ask for one by its id.');
    expect(seen(reply)).toContain('⬜ pending · reports / daily · /eod r-1');
    expect(seen(reply)).toContain('reports / weekly · /eod r-2');
  });

  test('says that there is none, also of one that was removed', async () => {
    expect(answerIn(await world.command('nobody')).text).toBe('No job matches “nobody”.');
    expect(answerIn(await world.command('old')).text).toBe('No job matches “old”.');
  });

  test('stays text, whatever is asked for', async () => {
    const reply = answerIn(await world.command('<!channel> @here *x* https://evil.example'));
    expect(reply.text).not.toMatch(/<|@here|https:\/\//);
  });
});

describe('/eod at', () => {
  test.each([
    ['00:20', '0 failed, 0 stale, 1 running, 3 pending, 0 completed.'],
    ['00:21', '0 failed, 1 stale, 0 running, 3 pending, 0 completed. Stale: ledger / post.'],
    ['00:30', '0 failed, 1 stale, 1 running, 2 pending, 0 completed. Stale: ledger / post.'],
    [
      '00:40',
      '1 failed, 1 stale, 0 running, 2 pending, 0 completed. Failed: billing / close-day. Stale: ledger / post.',
    ],
    ['01:20', '1 failed, 0 stale, 0 running, 2 pending, 1 completed. Failed: billing / close-day.'],
  ])('%s shows the board as it stood then', async (time, counts) => {
    const reply = answerIn(await world.command(`at ${time}`));
    expect(reply.text).toBe(`Night of 24 November 2099, ${time} WIB: ${counts}`);
    expect(seen(reply)).toContain('as it stood then, by what was known at 02:00 WIB');
  });

  test('of an earlier date shows that night', async () => {
    const reply = answerIn(await world.command('at 2099-11-23 02:15'));
    expect(reply.text).toContain(
      'Night of 23 November 2099, 02:15 WIB: 0 failed, 0 stale, 0 running, 0 pending',
    );
  });

  test('shows what was silent then as stale, though Ronda was started since', async () => {
    const coveredSince = Date.parse(at('18:59:00.000'));
    const coverage = () => ({ judgedAt: coveredSince, coveredSince, gaps: [] });
    const { command } = await openApp({ store: backend.store, coverage });
    expect(answerIn(await command('at 00:21')).text).toContain('1 stale, 0 running');
  });

  test('judges nobody stale while events are not read, nor where heartbeats are no longer kept', async () => {
    const uncovered = await openApp({
      store: backend.store,
      coverage: () => ({ judgedAt: null, coveredSince: 0, gaps: [] }),
    });
    expect(answerIn(await uncovered.command('at 00:21')).text).toContain('0 stale, 1 running');
    const own = await openBackend();
    const { command } = await openApp({ store: own.store });
    await happen(
      own.store,
      status({ scheduler_id: 'a', status: 'running', occurred_at: '2099-11-15T17:30:00.000Z' }),
      status({ scheduler_id: 'b', status: 'running', occurred_at: '2099-11-17T17:30:00.000Z' }),
    );
    // Seven days back from 02:00 of the 24th.
    expect(answerIn(await command('at 2099-11-16 02:00')).text).toContain('0 stale, 1 running');
    expect(answerIn(await command('at 2099-11-18 02:00')).text).toContain('2 stale, 0 running');
  });

  test('says which jobs are missing, their events being unreadable, and shows the others', async () => {
    const own = await openBackend();
    const broken = named('b-1', 'billing <!here>', 'close-day');
    await happen(
      own.store,
      status({ ...broken, status: 'running', event_id: idOf(1), occurred_at: at('17:10:00.000') }),
      status({ ...groupingState, status: 'running', event_id: idOf(2), occurred_at: at('17:10:00.000') }),
    );
    const newer = {
      ...{ ...status(broken), v: 9, accepted_at: at('17:05:00.000'), correlation_id: null, sender: null },
      'occurred_at#event_id': `${at('17:05:00.000')}#${idOf(3)}`,
    };
    await own.store.client.send(new PutCommand({ TableName: tableOf(own.store, 'events'), Item: newer }));
    const reply = answerIn(await (await openApp({ store: own.store })).command('at 00:12'));
    expect(reply.text).toContain('0 failed, 0 stale, 1 running, 0 pending, 0 completed');
    expect(seen(reply)).toContain(
      'not whole: events of billing <!here> / close-day cannot be read, so they are missing here.',
    );
    // From before the damage it is whole.
    expect(seen(answerIn(await (await openApp({ store: own.store })).command('at 00:04')))).not.toContain(
      'whole',
    );
  });

  test('a time to come says that it has not come', async () => {
    const reply = answerIn(await world.command('at 02:01'));
    expect(reply.text).toContain('it is 02:00 WIB, and 02:01 WIB has not come yet');
    expect(reply.text).toContain('give the date');
  });
});

describe('/eod snooze', () => {
  test('queues the event, then says until when', async () => {
    const reply = answerIn(await world.command('snooze payroll 1h30m', { trigger_id: '7.8.def' }));
    expect(reply.text).toBe('billing / close-day: alerts call nobody until 03:30 WIB. The board shows it.');
    const [recordedEvent] = eventsSent();
    expect(eventsSent()).toHaveLength(1);
    expect(recordedEvent?.event).toEqual({
      v: 1,
      type: 'alerts_snoozed',
      scheduler_id: 'payroll',
      occurred_at: '2099-11-23T19:00:00.000Z',
      event_id: 'e576d525-4d46-5a9a-b1a1-7b83910b2cf6',
      until: '2099-11-23T20:30:00.000Z',
      by: 'sari (U0SARI)',
    });
    expect(recordedEvent?.envelope).toMatchObject({ accepted_at: at('19:00:00.000'), sender: 'slack' });
    expect(sent[0]?.groupId).toBe('slack');
    expect(sent[0]?.attributes?.['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('until a local time means the next one', async () => {
    const reply = answerIn(await world.command('snooze close-day until 01:00'));
    expect(reply.text).toContain('alerts call nobody until 25 November 2099, 01:00 WIB');
    expect(eventsSent()[0]?.event).toMatchObject({ until: '2099-11-24T18:00:00.000Z' });
  });

  test('of several queues nothing, and says how to name one', async () => {
    const reply = answerIn(await world.command('snooze reports 2h'));
    expect(seen(reply)).toContain('/eod snooze r-1');
    expect(sent).toEqual([]);
  });
});

describe('/eod unsnooze', () => {
  test('queues a snooze that is over as it begins', async () => {
    const reply = answerIn(await world.command('unsnooze billing'));
    expect(reply.text).toBe('billing / close-day: alerts call its owner again.');
    expect(eventsSent().map(({ event }) => event)).toMatchObject([
      {
        type: 'alerts_snoozed',
        scheduler_id: 'payroll',
        occurred_at: '2099-11-23T19:00:00.000Z',
        until: '2099-11-23T19:00:00.000Z',
        by: 'sari (U0SARI)',
      },
    ]);
  });
});

describe('/eod ack', () => {
  test('acknowledges the latest failure', async () => {
    const reply = answerIn(await world.command('ack billing'));
    expect(reply.text).toBe(
      'billing / close-day: acknowledged. The board and the alert say that it was you.',
    );
    expect(eventsSent().map(({ event }) => event)).toMatchObject([
      {
        type: 'failure_acknowledged',
        scheduler_id: 'payroll',
        failure_event_id: idOf(3),
        by: 'sari (U0SARI)',
      },
    ]);
  });

  test('of a job that never failed says so', async () => {
    const reply = answerIn(await world.command('ack ledger'));
    expect(reply.text).toContain('ledger / post has no failure to acknowledge');
    expect(sent).toEqual([]);
  });

  test('by somebody with an odd name is by a text of one line', async () => {
    const user_name = `<!channel>\u202e${'x'.repeat(300)}\nsecond line`;
    await world.command('ack payroll', { user_name, user_id: 'U0EVIL' });
    const [first] = eventsSent();
    expect(first?.event).toMatchObject({ by: `<!channel>${'x'.repeat(69)}… (U0EVIL)` });
  });
});

describe('a command that cannot be carried out', () => {
  test.each([
    ['refuses', awayPublisher],
    ['hangs', hangingPublisher],
  ])('because the queue %s is answered in time: not saved', async (_how, away) => {
    const { command, answers } = await openApp({ store: backend.store, publisher: away });
    const answer = await command('ack payroll');
    expect(answer.ms).toBeLessThan(2_500);
    const reply = await until(
      'it is said',
      () => answers[0] ?? (answer.text.includes('not saved') && answerIn(answer)),
    );
    expect(reply.text).toContain('it is not saved');
  });

  test('because the tables hang is acknowledged in time, and answered when they are back', async () => {
    const proxy = await startProxy(testEndpoints().dynamodb);
    atTheEnd(proxy.stop);
    const dynamodb = createDynamoDbClient(proxy.url);
    atTheEnd(() => {
      dynamodb.destroy();
    });
    const { command, answers } = await openApp({
      store: { ...backend.store, client: documentsOf(dynamodb) },
    });
    expect(answerIn(await command('')).text).toContain('1 failed');
    proxy.hang();
    const answer = await command('');
    expect(answer.ms).toBeLessThan(2_500);
    expect(answerIn(answer).text).toBe('One moment: this takes a little longer to read.');
    proxy.rebuild();
    const reply = await until('the board comes', () => answers[0]);
    expect(reply.text).toContain('Night of 24 November 2099');
  });
});

test('what happens after a question is in the answer to the next', async () => {
  const own = await openBackend();
  const { command } = await openApp({ store: own.store });
  expect(answerIn(await command('')).text).toContain('0 failed, 0 stale, 0 running, 0 pending, 0 completed');
  await happen(own.store, status({ status: 'running', occurred_at: at('18:59:00.000') }));
  expect(answerIn(await command('')).text).toContain('1 running');
});
