import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { bootstrapKey } from '../../support/harness.ts';
import { until } from '../../support/until.ts';
import {
  arrayOf,
  errorOf,
  eventsOf,
  keptLog,
  newId,
  newScheduler,
  objectOf,
  openIngress,
  openWorld,
  registration,
  statusOf,
} from './fixtures.ts';
import { sendBytes, sendRaw } from './raw-requests.ts';

const { backend, ingress, call } = await openWorld();
const idRule = 'scheduler_id: must be 1 to 255 of A-Z a-z 0-9 . _ : -';

describe('an id in a path', () => {
  const paths = (id: string) =>
    [
      ['GET', `/schedulers/${id}`],
      ['DELETE', `/schedulers/${id}`],
      ['GET', `/schedulers/${id}/history`],
      ['PUT', `/schedulers/${id}/status`],
      ['POST', `/schedulers/${id}/heartbeat`],
    ] as const;

  test.each([
    'a%23b',
    'a%2Fb',
    'a%5Cb',
    '%00',
    'a%00',
    'a%0d%0aSet-Cookie:%20x=1',
    '%20',
    'a%20',
    'a+b',
    '%D0%B7%D0%B0%D0%B4%D0%B0%D1%87%D0%B0',
    '%E4%BB%BB%E5%8A%A1',
    '%F0%9F%A7%BE',
    '%EF%BC%A1',
    '%3Cscript%3E',
    '%27%20OR%201=1--',
    '$%7B7*7%7D',
    '*',
    'a@b',
    'x'.repeat(256),
    'x'.repeat(8_000),
  ])('that no scheduler can have is a 400: %.40s', async (id) => {
    for (const [method, path] of paths(id)) {
      const answer = await call(method, path, method === 'GET' ? undefined : {});
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual(errorOf(400, [method, path], [idRule]));
    }
  });

  test.each(['.', '..'])('that clients take out of a path is a 400: %s', async (id) => {
    const answer = await sendRaw(ingress.url, [
      `GET /api/v1/schedulers/${id} HTTP/1.1`,
      `x-api-key: ${bootstrapKey}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"message":["scheduler_id: must not be . or .."]');
  });

  test.each(['%', '%z', '%zz', 'a%2', '%ff', '%c3%28', '%ed%a0%80'])(
    'that cannot be decoded is a 400: %s',
    async (id) => {
      for (const [method, path] of paths(id)) {
        const answer = await call(method, path, method === 'GET' ? undefined : {});
        expect(answer.status).toBe(400);
        expect(answer.json).toEqual(errorOf(400, [method, path], 'The request could not be read'));
      }
    },
  );

  test.each(['__proto__', 'constructor', 'toString', '...', '-', '_', ':', 'null', 'x'.repeat(255)])(
    'that a scheduler can have is used like any other: %.40s',
    async (id) => {
      const path = `/schedulers/${id}`;
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('PUT', `${path}/status`, statusOf(id))).status).toBe(404);
      expect((await call('POST', '/schedulers/register', registration(id))).status).toBe(201);
      expect(objectOf(await call('GET', path))['scheduler_id']).toBe(id);
      expect((await call('PUT', `${path}/status`, statusOf(id))).status).toBe(200);
      expect((await call('POST', `${path}/heartbeat`, { scheduler_id: id })).status).toBe(200);
      expect(arrayOf(await call('GET', `${path}/history`))).toHaveLength(1);
      expect((await call('DELETE', path)).status).toBe(204);
    },
  );
});

describe('a query', () => {
  test.each([
    '?service=%00',
    '?service=%zz',
    '?service=',
    `?service=${'x'.repeat(8_000)}`,
    '?__proto__=1&constructor=2&toString=3',
    '?unknown=1',
    '?status[]=failed',
    '?&&&==',
  ])('that asks for nothing we know finds what it asks for: %.40s', async (query) => {
    expect((await call('GET', `/schedulers${query}`)).status).toBe(200);
  });

  test('of two values counts the last', async () => {
    expect((await call('GET', '/schedulers?limit=0&limit=1')).status).toBe(200);
    expect((await call('GET', '/schedulers?limit=1&limit=0')).status).toBe(400);
  });

  test('cannot break out of the Link', async () => {
    await newScheduler(call);
    await newScheduler(call);
    const query = '?limit=1&x=%3E%3B%20rel%3D%22evil%22%0d%0aSet-Cookie:%20a=b&y=>;"<';
    const { headers } = await call('GET', `/schedulers${query}`);
    expect(headers.get('link')).toMatch(/^<\/api\/v1\/schedulers\?[^<>" ]*>; rel="next"$/);
    expect(headers.get('set-cookie')).toBeNull();
  });

  test.each(['%00', '2026-02-30T00:00:00Z', '9'.repeat(8_000)])('with as_of %.20s is a 400', async (time) => {
    expect((await call('GET', `/schedulers/a?as_of=${time}`)).status).toBe(400);
  });
});

describe('a body that is cut short', () => {
  test('anywhere is a 400 and does nothing', async () => {
    const id = newId();
    const whole = JSON.stringify(registration(id, { owner_email: 'a@b.example' }));
    for (let length = 0; length < whole.length; length += 1) {
      const answer = await call('POST', '/schedulers/register', whole.slice(0, length));
      expect(answer.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
    }
    expect(await eventsOf(backend, id)).toEqual([]);
  });

  test('by the connection is forgotten', async () => {
    const id = newId();
    const whole = JSON.stringify(registration(id));
    const head = [
      'POST /api/v1/schedulers/register HTTP/1.1',
      `x-api-key: ${bootstrapKey}`,
      'content-type: application/json',
      `content-length: ${whole.length + 10}`,
    ];
    const { log, lines } = keptLog();
    const watched = await openIngress(backend, { log });
    await sendRaw(watched.url, head, whole, { thenEnd: true });
    await watched.call('GET', '/schedulers');
    await until('a later one is over', () => lines().some(({ msg }) => msg === 'request'));
    expect(lines().filter(({ level }) => Number(level) > 30)).toEqual([]);
    expect(await eventsOf(backend, id)).toEqual([]);
    expect((await call('GET', '/schedulers')).status).toBe(200);
  });
});

describe('a body that is nothing but nesting', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

  test('is a 400 as a registration, a status and a heartbeat', async () => {
    for (const [method, path] of [
      ['POST', '/schedulers/register'],
      ['PUT', '/schedulers/a/status'],
      ['POST', '/schedulers/a/heartbeat'],
    ] as const) {
      const nested = await call(method, path, deep(32_000));
      expect(nested.json).toMatchObject({ statusCode: 400, message: ['body: must be a JSON object'] });
      const open = await call(method, path, '['.repeat(60_000));
      expect(open.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
      const objects = await call(method, path, `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`);
      expect(objects.status).toBe(400);
    }
  });

  test('is a 400 of its element in a batch', async () => {
    const expected = [{ status: 400, message: ['event: must be a JSON object'] }];
    expect((await call('POST', '/events', `[${deep(60_000)}]`)).json).toEqual(expected);
    expect((await call('POST', '/events', deep(500_000))).json).toEqual(expected);
    expect((await call('POST', '/events', '['.repeat(1_000_000))).status).toBe(400);
  });
});

test('a batch of nothing but escapes is read without harm', async () => {
  const id = await newScheduler(call);
  const padding = '\\n'.repeat(500_000);
  const answer = await call(
    'POST',
    '/events',
    `[{"type":"heartbeat","scheduler_id":"${id}","x":"${padding}"}]`,
  );
  expect(answer.json).toMatchObject([{ status: 200 }]);
});

test('a batch of nothing but digits is read without harm', async () => {
  const id = await newScheduler(call);
  const status = JSON.stringify({ type: 'status', ...statusOf(id) }).slice(0, -1);
  const metadata = `"metadata":{"a":${'9'.repeat(900_000)}}`;
  expect((await call('POST', '/events', `[${status},${metadata}}]`)).json).toMatchObject([
    { status: 400, message: ['metadata: must be at most 16384 bytes of JSON'] },
  ]);
  const zeros = `"metadata":{"a":1${'0'.repeat(300)}.${'0'.repeat(900_000)}}`;
  expect((await call('POST', '/events', `[${status},${zeros}}]`)).json).toMatchObject([
    { status: 400, message: ['metadata: must be at most 16384 bytes of JSON'] },
  ]);
});

describe('a compressed body', () => {
  const compressed = (encoding: string, body: Uint8Array<ArrayBuffer>, path = '/schedulers/register') =>
    sendBytes(ingress.url, 'POST', path, body, { 'content-encoding': encoding });
  const json = (id: string) => JSON.stringify(registration(id));

  test('is read', async () => {
    expect(await compressed('gzip', bytes(gzipSync(json(newId()))))).toMatchObject({ status: 201 });
    expect(await compressed('deflate', bytes(deflateSync(json(newId()))))).toMatchObject({ status: 201 });
    expect(await compressed('br', bytes(brotliCompressSync(json(newId()))))).toMatchObject({ status: 201 });
    expect(await compressed('identity', bytes(Buffer.from(json(newId()))))).toMatchObject({ status: 201 });
  });

  test('is a 413 when it unfolds past the limit, however small it is', async () => {
    const bomb = Buffer.alloc(20_000_000, ' ');
    for (const [encoding, body] of [
      ['gzip', gzipSync(bomb)],
      ['br', brotliCompressSync(bomb)],
    ] as const) {
      const answer = await compressed(encoding, bytes(body));
      expect(answer.status).toBe(413);
      expect(answer.json).toEqual(errorOf(413, ['POST', '/schedulers/register'], 'The body is too large'));
    }
    expect(await compressed('gzip', bytes(gzipSync(bomb)), '/events')).toMatchObject({ status: 413 });
  });

  test.each(['gzip', 'deflate', 'br'])('is a 400 when it is no %s', async (encoding) => {
    const answer = await compressed(encoding, bytes(Buffer.from(json('never'))));
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(400, ['POST', '/schedulers/register'], 'The request could not be read'),
    );
  });

  test('is a 400 when it is cut short', async () => {
    const whole = gzipSync(json('never'));
    expect(await compressed('gzip', bytes(whole.subarray(0, -9)))).toMatchObject({ status: 400 });
  });

  test.each(['compress', 'gzip, gzip', 'x', '*'])('is a 415 in %s', async (encoding) => {
    const answer = await compressed(encoding, bytes(gzipSync(json('never'))));
    expect(answer.status).toBe(415);
    expect(answer.json).toEqual(
      errorOf(415, ['POST', '/schedulers/register'], 'The body is in an encoding that is not supported'),
    );
  });
});

function bytes(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}

describe('headers', () => {
  const get = `GET /api/v1/schedulers HTTP/1.1`;
  const key = `x-api-key: ${bootstrapKey}`;

  test.each([
    'x-correlation-id: a\r\nX-Injected: 1',
    'x-correlation-id: a\rX-Injected: 1',
    'x-correlation-id: a\nX-Injected: 1',
    'x-correlation-id: a\r\n X-Injected: 1',
    'x-correlation-id: %0d%0aX-Injected: 1',
    'x-request-id: a\u0000X-Injected: 1',
  ])('cannot be injected into an answer: %j', async (line) => {
    const answer = await sendRaw(ingress.url, [get, key, line]);
    expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d /);
    expect(answer).not.toMatch(/^X-Injected/im);
  });

  test.each([
    ['Prefer: ,,,;;;===', '200'],
    [`Prefer: ${'wait=1,'.repeat(1_000)}`, '200'],
    ['Content-Type: ;;;', '200'],
    ['Accept: nothing/at-all', '200'],
    ['X-Forwarded-For: <script>', '200'],
    ['If-None-Match: *', '304'],
    ['Range: bytes=0-1', '200'],
    ['Transfer-Encoding: chunked\r\nContent-Length: 5', '400'],
    ['Content-Length: -1', '400'],
    ['Upgrade: websocket', '200'],
  ])('of any kind are answered or refused: %.60s', async (line, status) => {
    const answer = await sendRaw(ingress.url, [get, key, line]);
    expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
  });

  test('that are strange do no harm to a status', async () => {
    const id = await newScheduler(call);
    const strange = {
      Prefer: 'wait=,respond-async;x="',
      'content-type': 'application/json; charset="utf-8"; x=y',
    };
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id), strange)).status).toBe(202);
  });
});
