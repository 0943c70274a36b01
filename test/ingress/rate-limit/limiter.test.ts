import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { pino } from 'pino';
import { createClock } from '../../../src/clock.ts';
import { createDynamoDbStore } from '../../../src/ingress/rate-limit/dynamodb-store.ts';
import { createFailureLimiter, limitByKey } from '../../../src/ingress/rate-limit/limiter.ts';
import { createMemoryStore } from '../../../src/ingress/rate-limit/memory-store.ts';
import type { RollingStore } from '../../../src/ingress/rate-limit/rolling-window.ts';
import { TooManyRequestsError } from '../../../src/ingress/rate-limit/too-many-requests.ts';
import { silent, type Logger } from '../../../src/log.ts';
import { createClient } from './tables.ts';
import { listening } from '../../support/listening.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

const renderError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof TooManyRequestsError)) {
    next(error);
    return;
  }
  response
    .status(429)
    .json({ code: error.code, message: error.message, retryAfterSeconds: error.retryAfterSeconds });
};

/** An app that limits by the key id that authentication (here: a header) would leave. */
async function serve(store: RollingStore, clock = createClock(), log: Logger = silent) {
  const app = express();
  app.use(limitByKey({ store, clock, log, keyOf: (request) => String(request.get('x-api-key')) }));
  app.get('/', (_request, response) => {
    response.json('served');
  });
  app.use(renderError);
  const server = createServer(app);
  const port = await listening(server);
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (key: string) => fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-api-key': key } });
}

function secondsIn(header: string | null, pattern: RegExp): number {
  return Number(pattern.exec(header ?? '')?.[1] ?? NaN);
}

describe('the limit per API key', () => {
  test('answers with the RateLimit headers of draft-8 and no older ones', async () => {
    const call = await serve(createMemoryStore({ limit: 100, clock: createClock() }));
    const { status, headers } = await call('a');
    expect(status).toBe(200);
    expect(headers.get('RateLimit')).toMatch(/^"100-in-1min"; r=99; t=(60|59)$/);
    expect(headers.get('RateLimit-Policy')).toMatch(/^"100-in-1min"; q=100; w=60; pk=:[A-Za-z0-9+/=]+:$/);
    expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    expect(headers.get('Retry-After')).toBeNull();
  });

  test('passes the request over the limit on as an error, with Retry-After and the RateLimit headers', async () => {
    const call = await serve(createMemoryStore({ limit: 2, clock: createClock() }));
    expect([(await call('a')).status, (await call('a')).status]).toEqual([200, 200]);
    const answer = await call('a');
    expect(answer.status).toBe(429);
    const seconds = secondsIn(answer.headers.get('Retry-After'), /^(\d+)$/);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(answer.headers.get('RateLimit')).toBe(`"2-in-1min"; r=0; t=${seconds}`);
    expect(answer.headers.get('RateLimit-Policy')).toMatch(/^"2-in-1min"; q=2; w=60; pk=:/);
    expect(await answer.json()).toEqual({
      code: 'TOO_MANY_REQUESTS',
      message: 'Too Many Requests',
      retryAfterSeconds: seconds,
    });
  });

  test('says how long the oldest request still counts', async () => {
    const clock = createClock();
    let age = 45_000;
    const store = createMemoryStore({ limit: 1, clock: createClock({}, () => clock.real() - age) });
    const call = await serve(store);
    await call('a');
    age = 0;
    const { headers } = await call('a');
    expect(secondsIn(headers.get('Retry-After'), /^(\d+)$/)).toBeGreaterThan(5);
    expect(secondsIn(headers.get('Retry-After'), /^(\d+)$/)).toBeLessThanOrEqual(15);
  });

  test('counts each key by itself', async () => {
    const call = await serve(createMemoryStore({ limit: 1, clock: createClock() }));
    expect((await call('a')).status).toBe(200);
    expect((await call('a')).status).toBe(429);
    expect((await call('b')).status).toBe(200);
  });

  test('is off at 0', async () => {
    const call = await serve(createMemoryStore({ limit: 0, clock: createClock() }));
    const { status, headers } = await call('a');
    expect(status).toBe(200);
    expect(headers.get('RateLimit')).toBeNull();
  });
});

describe('the limit while its store is away', () => {
  function logLines() {
    const lines: string[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    return { lines, log: pino({ level: 'info', timestamp: false, base: null }, sink) };
  }

  test('lets requests pass, and warns once a minute', async () => {
    const client = createClient('http://127.0.0.1:1');
    cleanUps.push(() => {
      client.destroy();
    });
    let time = 1_000_000;
    const clock = createClock({}, () => time);
    const { lines, log } = logLines();
    const call = await serve(createDynamoDbStore({ limit: 1, clock, client, tableName: 'away' }), clock, log);
    for (let n = 0; n < 5; n += 1) expect((await call('a')).status).toBe(200);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"level":40');
    expect(lines[0]).toContain('ECONNREFUSED');
    expect(lines[0]).toContain('"failures":1');
    time += 59_999;
    await call('a');
    expect(lines).toHaveLength(1);
    time += 1;
    await call('a');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('"failures":6');
  });
});

describe('the limit on failed authentications', () => {
  function limiter(limit: number) {
    const time = { now: 1_000_000 };
    const { record, takeBack } = createFailureLimiter({ limit, clock: createClock({}, () => time.now) });
    return { time, record, takeBack };
  }
  const admitted = { admitted: true, retryAfterSeconds: 0 };

  test('refuses an address over the limit until its oldest failure is 60 s old', () => {
    const { time, record } = limiter(2);
    expect(record('192.0.2.1')).toEqual(admitted);
    time.now += 10_500;
    expect(record('192.0.2.1')).toEqual(admitted);
    expect(record('192.0.2.1')).toEqual({ admitted: false, retryAfterSeconds: 50 });
    time.now += 49_499;
    expect(record('192.0.2.1')).toEqual({ admitted: false, retryAfterSeconds: 1 });
    time.now += 1;
    expect(record('192.0.2.1')).toEqual(admitted);
    expect(record('192.0.2.1')).toEqual({ admitted: false, retryAfterSeconds: 11 });
  });

  test('forgets one that turned out to be none', () => {
    const { record, takeBack } = limiter(1);
    expect(record('192.0.2.1')).toEqual(admitted);
    takeBack('192.0.2.1');
    expect(record('192.0.2.1')).toEqual(admitted);
    expect(record('192.0.2.1').admitted).toBe(false);
  });

  test.each([
    ['of one IPv6 /64', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', false],
    ['of two IPv6 /64', '2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['of IPv4', '192.0.2.1', '192.0.2.2', true],
    ['that are one, as IPv4 and as IPv6 writes it', '192.0.2.1', '::ffff:192.0.2.1', false],
  ])('takes two addresses %s', (_kind, one, other, apart) => {
    const { record } = limiter(1);
    expect(record(one).admitted).toBe(true);
    expect(record(other).admitted).toBe(apart);
  });

  test('is off at 0', () => {
    const { record } = limiter(0);
    for (let n = 0; n < 200; n += 1) expect(record('192.0.2.1')).toEqual(admitted);
  });
});
