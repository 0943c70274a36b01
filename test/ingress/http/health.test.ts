import { describe, expect, test } from '@jest/globals';
import { createSqsClient } from '../../../src/queue/client.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { until } from '../../support/until.ts';
import { watchRequests } from '../../store/requests.ts';
import { beat, leave } from '../../../src/store/roles.ts';
import { closedPort } from './closed-port.ts';
import { atTheEnd, openIngress, openWorld } from './fixtures.ts';

const nowhere = `http://127.0.0.1:${await closedPort()}`;

async function probe(url: string, path: string) {
  const response = await fetch(`${url}${path}`);
  const json: unknown = await response.json();
  return { status: response.status, json };
}

describe('/health/live', () => {
  test('is a 200 without a key while the process is up', async () => {
    const { ingress } = await openWorld();
    expect(await probe(ingress.url, '/health/live')).toEqual({ status: 200, json: { status: 'ok' } });
  });
});

describe('/health/ready', () => {
  test('is a 200 when queue and tables answer and a consumer keeps up', async () => {
    const { ingress, backend } = await openWorld();
    await beat(backend.store, { role: 'consumer', instance: 'a', since: 0, lag_ms: 300_000 });
    expect(await probe(ingress.url, '/health/ready')).toEqual({
      status: 200,
      json: { status: 'ok', checks: { queue: 'ok', tables: 'ok', consumer_lag: 'ok' } },
    });
  });

  test('is a 503 that names the lag when no consumer runs', async () => {
    const { ingress, backend } = await openWorld();
    await beat(backend.store, { role: 'ingress', instance: 'a', since: 0 });
    const failing = {
      status: 503,
      json: {
        status: 'failing',
        checks: { queue: 'ok', tables: 'ok', consumer_lag: 'no consumer is running' },
      },
    };
    expect(await probe(ingress.url, '/health/ready')).toEqual(failing);
    await beat(backend.store, { role: 'consumer', instance: 'a', since: 0 });
    const ready = async () => await probe(ingress.url, '/health/ready');
    await until('it is ready', async () => (await ready()).status === 200);
    await leave(backend.store, 'consumer', 'a');
    await until('it is not ready', async () => (await ready()).status === 503);
    expect(await ready()).toEqual(failing);
  });

  test('costs one look for many who ask at once, and for a second', async () => {
    const { backend } = await openWorld();
    let passed = 1_000;
    const store = { ...backend.store, clock: { ...backend.clock, monotonic: () => passed } };
    const { url } = await openIngress({ ...backend, store });
    const { requests } = watchRequests(backend.store);
    const looks = () => requests.filter((request) => request.startsWith('BatchGet ')).length;
    await Promise.all(Array.from({ length: 50 }, () => probe(url, '/health/ready')));
    passed += 999;
    await probe(url, '/health/ready');
    expect(looks()).toBe(1);
    passed += 1;
    await probe(url, '/health/ready');
    expect(looks()).toBe(2);
  });

  test('is a 503 when the only consumer has not been heard of for 15 s', async () => {
    const { backend } = await openWorld();
    let real = Date.parse('2026-11-23T17:00:00.000Z');
    let passed = 1_000;
    const clock = { ...backend.clock, real: () => real, monotonic: () => passed };
    const store = { ...backend.store, clock };
    const { url } = await openIngress({ ...backend, clock, store });
    await beat(store, { role: 'consumer', instance: 'a', since: 0 });
    real += 14_999;
    expect(await probe(url, '/health/ready')).toMatchObject({ status: 200 });
    real += 1;
    passed += 1_000;
    expect(await probe(url, '/health/ready')).toMatchObject({
      status: 503,
      json: { checks: { consumer_lag: 'no consumer is running' } },
    });
  });

  test('is a 503 that names the lag when a consumer is behind, whatever the others are', async () => {
    const { ingress, backend } = await openWorld();
    await beat(backend.store, { role: 'consumer', instance: 'a', since: 0, lag_ms: 301_000 });
    await beat(backend.store, { role: 'consumer', instance: 'b', since: 0, lag_ms: 0 });
    expect(await probe(ingress.url, '/health/ready')).toEqual({
      status: 503,
      json: { status: 'failing', checks: { queue: 'ok', tables: 'ok', consumer_lag: 'events wait 301 s' } },
    });
  });

  test('is a 503 that names the queue when it is away', async () => {
    const { backend } = await openWorld();
    const away = createSqsClient('send', nowhere);
    atTheEnd(() => {
      away.destroy();
    });
    const { url } = await openIngress({ ...backend, sqs: { ...backend.sqs, send: away } });
    await beat(backend.store, { role: 'consumer', instance: 'a', since: 0 });
    expect(await probe(url, '/health/ready')).toEqual({
      status: 503,
      json: { status: 'failing', checks: { queue: 'does not answer', tables: 'ok', consumer_lag: 'ok' } },
    });
    expect(await probe(url, '/health/live')).toMatchObject({ status: 200 });
  });

  test('is a 503 that names the tables when DynamoDB is away', async () => {
    const { backend } = await openWorld();
    const away = createDynamoDbClient(nowhere);
    atTheEnd(() => {
      away.destroy();
    });
    const { url } = await openIngress({ ...backend, store: { ...backend.store, client: documentsOf(away) } });
    expect(await probe(url, '/health/ready')).toEqual({
      status: 503,
      json: {
        status: 'failing',
        checks: { queue: 'ok', tables: 'does not answer', consumer_lag: 'does not answer' },
      },
    });
  });

  test('is a 503 that names the tables when one is missing', async () => {
    const { backend } = await openWorld();
    const { url } = await openIngress({ ...backend, store: { ...backend.store, prefix: 'none-' } });
    expect(await probe(url, '/health/ready')).toMatchObject({
      status: 503,
      json: { checks: { queue: 'ok', tables: 'does not answer' } },
    });
  });
});
