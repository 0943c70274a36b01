import { describe, expect, test } from '@jest/globals';
import { errorOf, openWorld } from './fixtures.ts';
import { sendBytes, sendRaw } from './raw-requests.ts';
import { bootstrapKey } from '../../support/harness.ts';

const { ingress, call } = await openWorld();

const writes = [
  ['POST', '/schedulers/register'],
  ['PUT', '/schedulers/a/status'],
  ['POST', '/schedulers/a/heartbeat'],
  ['POST', '/events'],
] as const;

describe.each(writes)('the body of %s %s', (method, path) => {
  const batch = path === '/events';

  test.each(['{"a":1', '', ' ', "{'a':1}", '{"a":1}}', '{a:1}', 'undefined', '{"a":01}', '[1,]', 'NaN'])(
    'is a 400 when it is no JSON: %j',
    async (body) => {
      const answer = await call(method, path, body);
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual(errorOf(400, [method, path], ['body: must be valid JSON']));
    },
  );

  test.each(batch ? ['{}', '"text"', '5', 'true', 'null'] : ['[]', '[{}]', '"text"', '5', 'true', 'null'])(
    'is a 400 when it is JSON of another kind: %s',
    async (body) => {
      const answer = await call(method, path, body);
      const kind = batch ? 'array' : 'object';
      expect(answer.json).toEqual(errorOf(400, [method, path], [`body: must be a JSON ${kind}`]));
    },
  );

  test('is a 400 when it is no UTF-8', async () => {
    const { status, json } = await sendBytes(
      ingress.url,
      method,
      path,
      Uint8Array.from(Buffer.from('{"job_name":"Schlüssel"}', 'latin1')),
    );
    expect(status).toBe(400);
    expect(json).toEqual(
      errorOf(
        400,
        [method, path],
        ['body: must be in UTF-8, and is not (is it in ISO-8859-1 or Windows-1252?)'],
      ),
    );
  });

  test('is a 400 when there is none', async () => {
    const answer = await sendRaw(ingress.url, [
      `${method} /api/v1${path} HTTP/1.1`,
      `x-api-key: ${bootstrapKey}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"message":["body: is required"]');
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'text/json',
    'application/json; charset=utf-16',
    'application/json; charset="iso-8859-1"',
    'json',
  ])('is a 415 when its type is %s', async (type) => {
    const answer = await call(method, path, '{}', { 'content-type': type });
    expect(answer.status).toBe(415);
    expect(answer.json).toEqual(
      errorOf(415, [method, path], 'The content type must be application/json in UTF-8'),
    );
  });

  test('is a 415 when it has no type', async () => {
    const head = [`${method} /api/v1${path} HTTP/1.1`, `x-api-key: ${bootstrapKey}`];
    expect(await sendRaw(ingress.url, head, '{}')).toMatch(/^HTTP\/1\.1 415 /);
  });

  test.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON',
    'application/vnd.ronda+json',
  ])('is read when its type is %s', async (type) => {
    const answer = await call(method, path, '{', { 'content-type': type });
    expect(answer.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
  });

  const [limit, words] = batch ? [1_048_576, '1 MiB'] : [65_536, '64 KiB'];

  test(`is read up to ${words}`, async () => {
    const answer = await call(method, path, ' '.repeat(limit));
    expect(answer.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
  });

  test(`is a 413 over ${words}`, async () => {
    const answer = await call(method, path, ' '.repeat(limit + 1));
    expect(answer.status).toBe(413);
    expect(answer.json).toEqual(errorOf(413, [method, path], 'The body is too large'));
  });

  test(`is a 413 over ${words} too when its length is not announced`, async () => {
    const chunk = `${limit.toString(16)}\r\n${' '.repeat(limit)}\r\n`;
    const text = await chunked(method, path, `${chunk}1\r\n \r\n0\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });
});

async function chunked(method: string, path: string, body: string): Promise<string> {
  return await sendRaw(
    ingress.url,
    [
      `${method} /api/v1${path} HTTP/1.1`,
      `x-api-key: ${bootstrapKey}`,
      'content-type: application/json',
      'transfer-encoding: chunked',
    ],
    body,
  );
}
