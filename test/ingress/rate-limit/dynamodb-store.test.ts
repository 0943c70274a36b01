import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { createClock } from '../../../src/clock.ts';
import { createDynamoDbStore } from '../../../src/ingress/rate-limit/dynamodb-store.ts';
import { createSharedWindow } from '../../../src/ingress/rate-limit/shared-window.ts';
import { createClient, createTable, requestsOf } from './tables.ts';

const start = Date.parse('2026-11-23T17:00:00Z');
const clients = [createClient(), createClient(), createClient()] as const;
const [client] = clients;
let tableName = '';

beforeAll(async () => {
  tableName = await createTable();
});
afterAll(() => {
  for (const each of clients) each.destroy();
});

/** Replicas: each with a connection and a memory of its own, one table, one fake time. */
function replicas(limit: number) {
  const time = { now: start };
  const clock = createClock({}, () => time.now);
  const create = (own: typeof client) => {
    const store = createDynamoDbStore({ limit, clock, client: own, tableName, timeoutMs: 20_000 });
    const call = async (key: string): Promise<boolean> => (await store.increment(key)).totalHits <= limit;
    return { ...store, call };
  };
  return { time, a: create(clients[0]), b: create(clients[1]), c: create(clients[2]), clock };
}

async function storedItem(key: string): Promise<Record<string, unknown>> {
  const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { key_id: key } }));
  return Item ?? {};
}

describe('a window shared by replicas', () => {
  test('never admits more than the limit when all of them are hammered at once', async () => {
    const { time, a, b, c } = replicas(50);
    const admittedAt = async (offset: number): Promise<number> => {
      time.now = start + offset;
      const calls = Array.from({ length: 60 }, () => [
        a.call('hammered'),
        b.call('hammered'),
        c.call('hammered'),
      ]);
      return (await Promise.all(calls.flat())).filter(Boolean).length;
    };
    expect(await admittedAt(0)).toBe(50);
    expect(await admittedAt(59_999)).toBe(0);
    expect(await admittedAt(60_000)).toBe(50);
    expect(await admittedAt(90_000)).toBe(0);
  });

  test('is one window for calls that alternate between them', async () => {
    const { time, a, b } = replicas(4);
    const outcome: boolean[] = [];
    for (let n = 0; n < 3; n += 1) {
      time.now += 1_000;
      outcome.push(await a.call('alternating'), await b.call('alternating'));
    }
    expect(outcome).toEqual([true, true, true, true, false, false]);
    time.now = start + 61_000;
    expect([await b.call('alternating'), await a.call('alternating'), await b.call('alternating')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('lets single calls through on every replica while others write between', async () => {
    const { time, a, b, c } = replicas(30);
    let admitted = 0;
    for (let round = 0; round < 15; round += 1) {
      time.now += 100;
      const answers = await Promise.all([a.call('rounds'), b.call('rounds'), c.call('rounds')]);
      admitted += answers.filter(Boolean).length;
    }
    expect(admitted).toBe(30);
  });

  test('does not mistake a new item for the one it remembers after TTL removed that', async () => {
    const { time, a, b } = replicas(2);
    expect(await a.call('expired')).toBe(true);
    time.now += 120_000;
    await b.resetKey('expired');
    expect(await b.call('expired')).toBe(true);
    expect(await a.call('expired')).toBe(true);
    expect(await a.call('expired')).toBe(false);
  });

  test('counts by what the item says, expired or not', async () => {
    const { time, a } = replicas(1);
    expect(await a.call('lingering')).toBe(true);
    time.now += 86_400_000;
    const { a: restarted } = replicas(1);
    expect(await restarted.call('lingering')).toBe(false);
    expect(await a.call('lingering')).toBe(true);
  });
});

describe('what a decision costs', () => {
  test('is one write when no other replica wrote in between, and nothing when refused', async () => {
    const { a } = replicas(3);
    const requests = requestsOf(clients[0]);
    for (let n = 0; n < 10; n += 1) await a.call('alone');
    expect(requests).toEqual(['GetItemCommand', 'PutItemCommand', 'PutItemCommand', 'PutItemCommand']);
    clients[0].middlewareStack.remove('namesOfRequests');
  });

  test('is two requests more when another replica wrote in between', async () => {
    const { a, b } = replicas(100);
    await a.call('between');
    await b.call('between');
    const requests = requestsOf(clients[0]);
    await a.call('between');
    await a.call('between');
    expect(requests).toEqual(['PutItemCommand', 'GetItemCommand', 'PutItemCommand', 'PutItemCommand']);
    clients[0].middlewareStack.remove('namesOfRequests');
  });

  test('is shared by the calls that arrive while a write is under way', async () => {
    const { a } = replicas(100);
    const requests = requestsOf(clients[0]);
    await Promise.all(Array.from({ length: 90 }, () => a.call('together')));
    expect(requests).toEqual(['GetItemCommand', 'PutItemCommand', 'PutItemCommand']);
    clients[0].middlewareStack.remove('namesOfRequests');
  });
});

describe('the stored item', () => {
  test('leaves its removal to TTL an hour after the window', async () => {
    const { a } = replicas(5);
    await a.call('stored');
    expect(await storedItem('stored')).toEqual({
      key_id: 'stored',
      times: expect.any(Uint8Array),
      rev: expect.any(String),
      expires_at: Date.parse('2026-11-23T18:01:00Z') / 1_000,
    });
  });

  test('carries no expiry while the clock is shifted', async () => {
    const clock = createClock({ start, speed: 60 }, () => start);
    const store = createDynamoDbStore({ limit: 5, clock, client, tableName, timeoutMs: 20_000 });
    await store.increment('shifted');
    expect(Object.keys(await storedItem('shifted')).toSorted()).toEqual(['key_id', 'rev', 'times']);
  });

  test('holds the 50,000 hits that a shared limit may be', async () => {
    const window = () =>
      createSharedWindow({
        ...{ client, tableName, clock: createClock() },
        timeoutMs: 20_000,
      });
    const hits = Array.from({ length: 50_000 }, (_, n) => start + n);
    await window().swap('full', () => ({ hits, answer: undefined }));
    expect(await window().swap('full', (answer) => ({ hits: undefined, answer }))).toEqual(hits);
  });
});

describe('when DynamoDB does not do its work', () => {
  test('a decision fails when the table is away', async () => {
    const store = createDynamoDbStore({ limit: 5, clock: createClock(), client, tableName: 'no-such-table' });
    await expect(store.increment('key')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('every caller that waits learns of the failure, and the next call tries again', async () => {
    const store = createDynamoDbStore({ limit: 5, clock: createClock(), client, tableName: 'no-such-table' });
    const outcomes = await Promise.allSettled([store.increment('key'), store.increment('key')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(store.increment('key')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('a decision is given up when its time is over', async () => {
    const store = createDynamoDbStore({ limit: 5, clock: createClock(), client, tableName, timeoutMs: 0 });
    await expect(store.increment('slow')).rejects.toThrow();
  });

  test('a write whose answer was lost counts once', async () => {
    const { clock, a } = replicas(2);
    const flaky = createClient();
    let lost = 0;
    flaky.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        // As the SDK does when a connection breaks after the request was sent.
        if (context.commandName !== 'PutItemCommand' || lost > 0) return answer;
        lost += 1;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const store = createDynamoDbStore({ limit: 2, clock, client: flaky, tableName, timeoutMs: 20_000 });
    expect((await store.increment('lost')).totalHits).toBe(1);
    expect(lost).toBe(1);
    expect(await a.call('lost')).toBe(true);
    expect(await a.call('lost')).toBe(false);
    flaky.destroy();
  });

  test('a write that another replica always beats ends as contended', async () => {
    const { clock } = replicas(1_000);
    const beaten = createClient();
    beaten.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'PutItemCommand') {
          const Item = { key_id: 'beaten', rev: `other ${Math.random()}` };
          await client.send(new PutCommand({ TableName: tableName, Item }));
        }
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const store = createDynamoDbStore({ limit: 1_000, clock, client: beaten, tableName, timeoutMs: 20_000 });
    await expect(store.increment('beaten')).rejects.toMatchObject({ code: 'CONTENDED_ROW' });
    beaten.destroy();
  });
});
