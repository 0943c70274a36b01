import { describe, expect, test } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createClock } from '../../src/clock.ts';
import {
  messageTable,
  queryNight,
  readMessageRow,
  type MessageTable,
} from '../../src/store/messages/messages.ts';
import { changeRow } from '../../src/store/versioned-rows.ts';
import { fakeTable } from '../transports/slack/messenger/fake-table.ts';
import { tableOf } from '../../src/store/store.ts';
import { createStore, morning, newId, rawRow } from './fixtures.ts';

const store = await createStore();

const night = 'eod/2099-11-24';
const created_at = '2099-11-24T06:00:00.000Z';
const newMessage = () => ({ night, message_key: `board/${newId()}`, kind: 'board', created_at });

describe.each<[string, () => MessageTable]>([
  ['the table of messages', () => messageTable(store)],
  ['its stand-in for tests', fakeTable],
])('%s', (_name, open) => {
  test('has no row that nobody left', async () => {
    expect(await open().read(newMessage())).toBeUndefined();
  });

  test('keeps the first row left for a key', async () => {
    const table = open();
    const message = newMessage();
    expect(await table.create({ ...message, details: { n: 1 } })).toBe(true);
    expect(await table.create({ ...message, details: { n: 2 } })).toBe(false);
    expect(await table.read(message)).toMatchObject({ ...message, rev: 1, details: { n: 1 } });
  });

  test('takes a write that knows the revision, raises it, and refuses one that does not', async () => {
    const table = open();
    const row = { ...newMessage(), rev: 1 };
    await table.create(row);
    const written = await table.swap({ ...row, ts: '1.000001' }, 1);
    expect(written).toMatchObject({ rev: 2, ts: '1.000001' });
    expect(await table.swap({ ...row, ts: '2.000001' }, 1)).toBeUndefined();
    expect(await table.read(row)).toMatchObject({ rev: 2, ts: '1.000001' });
  });

  test('takes one of several writes at once', async () => {
    const table = open();
    const row = { ...newMessage(), rev: 1 };
    await table.create(row);
    const swaps = await Promise.all([1, 2, 3, 4].map((n) => table.swap({ ...row, details: { n } }, 1)));
    expect(swaps.filter((written) => written !== undefined)).toHaveLength(1);
  });

  test('forgets what a write leaves out or undefined, and keeps what it does not know', async () => {
    const table = open();
    const row = { ...newMessage(), rev: 1 };
    await table.create(row);
    await table.swap({ ...row, ts: '1.000001', colour: 'red' }, 1);
    const now = await table.read(row);
    expect(now).toHaveProperty('colour', 'red');
    if (now !== undefined) await table.swap({ ...now, ts: undefined }, now.rev);
    expect(await table.read(row)).not.toHaveProperty('ts');
    expect(await table.read(row)).toHaveProperty('colour', 'red');
  });

  test('takes no write to a row that is gone', async () => {
    expect(await open().swap({ ...newMessage(), rev: 3 }, 3)).toBeUndefined();
    expect(await open().swap({ ...newMessage(), rev: 0 }, 0)).toBeUndefined();
  });

  test('changes a row again when somebody wrote in between', async () => {
    const table = open();
    const row = newMessage();
    await table.create({ ...row, details: { n: 0 } });
    const raise = () =>
      changeRow(table, row, (now) => ({ ...now, details: { n: Number(now.details?.['n']) + 1 } }));
    await Promise.all([raise(), raise(), raise()]);
    expect(await table.read(row)).toMatchObject({ rev: 4, details: { n: 3 } });
  });

  test('changes nothing where the change says so', async () => {
    const table = open();
    const row = newMessage();
    await table.create(row);
    expect(await changeRow(table, row, () => undefined)).toBeUndefined();
    expect(await table.read(row)).toMatchObject({ rev: 1 });
  });
});

describe('a row that an earlier version left without a revision', () => {
  const leave = async () => {
    const row = { ...newMessage(), scheduler_id: 'payroll' };
    await store.client.send(new PutCommand({ TableName: tableOf(store, 'messages'), Item: row }));
    return row;
  };

  test('has revision 0, and what it says outlives the first write', async () => {
    const key = await leave();
    const row = await readMessageRow(store, key);
    expect(row).toMatchObject({ rev: 0, kind: 'board' });
    if (row !== undefined) await messageTable(store).swap({ ...row, ts: '1.000001' }, row.rev);
    const { night: of, message_key } = key;
    expect(await rawRow(store, 'messages', { night: of, message_key })).toMatchObject({
      rev: 1,
      ts: '1.000001',
      scheduler_id: 'payroll',
    });
  });

  test('is written first by one of two', async () => {
    const row = { ...(await leave()), rev: 0 };
    const { swap } = messageTable(store);
    const [one, two] = await Promise.all([swap(row, 0), swap(row, 0)]);
    expect([one, two].filter((written) => written !== undefined)).toHaveLength(1);
  });
});

describe('a night', () => {
  test('gives all its rows by key, those of a prefix alone if asked', async () => {
    const of = `eod/${newId()}`;
    for (const message_key of ['part/2', 'board/1', 'part/1']) {
      await messageTable(store).create({ night: of, message_key, kind: 'any', created_at });
    }
    const keys = async (prefix?: string) =>
      (await queryNight(store, of, prefix)).map(({ message_key }) => message_key);
    expect(await keys()).toEqual(['board/1', 'part/1', 'part/2']);
    expect(await keys('part/')).toEqual(['part/1', 'part/2']);
    expect(await queryNight(store, 'eod/1999-01-01')).toEqual([]);
  });

  test('gives them from all its pages', async () => {
    const of = `eod/${newId()}`;
    const details = { text: 'x'.repeat(300_000) };
    for (const n of [1, 2, 3, 4, 5]) {
      await messageTable(store).create({
        night: of,
        message_key: `alert/${n}`,
        kind: 'alert',
        created_at,
        details,
      });
    }
    expect(await queryNight(store, of)).toHaveLength(5);
  });
});

describe('the life of a row', () => {
  const expires_at = (morning + 30 * 86_400_000) / 1_000;

  test('is 30 days, however often it is written', async () => {
    const row = { ...newMessage(), rev: 1 };
    await messageTable(store).create(row);
    expect(await rawRow(store, 'messages', keyOf(row))).toMatchObject({ expires_at });
    await messageTable(store).swap(row, 1);
    expect(await rawRow(store, 'messages', keyOf(row))).toMatchObject({ expires_at });
  });

  test('has no end while the clock is not real', async () => {
    const row = { ...newMessage(), rev: 1 };
    await messageTable(store).create(row);
    const clock = createClock({ start: morning, speed: 60 }, () => morning);
    const read = await readMessageRow(store, row);
    if (read !== undefined) await messageTable({ ...store, clock }).swap(read, 1);
    expect(await rawRow(store, 'messages', keyOf(row))).toMatchObject({ rev: 2 });
    expect(await rawRow(store, 'messages', keyOf(row))).not.toHaveProperty('expires_at');
  });
});

test('a write that the SDK sends twice because its answer got lost counts as written', async () => {
  const row = { ...newMessage(), rev: 1 };
  await messageTable(store).create(row);
  const { middlewareStack } = store.client;
  middlewareStack.add(
    (next) => async (args) => {
      await next(args);
      return await next(args);
    },
    { step: 'build', name: 'send-twice' },
  );
  const written = await messageTable(store).swap({ ...row, ts: '1.000001' }, 1);
  middlewareStack.remove('send-twice');
  expect(written).toMatchObject({ rev: 2, ts: '1.000001' });
});

function keyOf({ night, message_key }: { night: string; message_key: string }) {
  return { night, message_key };
}
