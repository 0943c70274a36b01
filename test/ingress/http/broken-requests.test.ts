import { connect } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createClock } from '../../../src/clock.ts';
import { createApp } from '../../../src/ingress/app.ts';
import { answerBroken } from '../../../src/ingress/broken-request.ts';
import { silent } from '../../../src/log.ts';
import { serve } from '../../../src/server.ts';
import { errorOf, uuid } from './fixtures.ts';

const clock = createClock();
/** As of the roles consumer and slack: no API, and whatever else a process has. */
const app = createApp({
  api: undefined,
  health: express.Router().get('/live', (_request, response) => void response.json({ status: 'ok' })),
  trustProxy: undefined,
  ...{ clock, log: silent },
});
const answer = answerBroken(clock, silent);
const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0, drainMs: 0, answerBroken: answer });
afterAll(stop);

/** Sends text as it is. @returns the whole answer, read until the connection is closed */
async function sent(text: string): Promise<{ status: number; headers: Headers; json: unknown }> {
  const whole = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (data) => (received += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(received);
    });
    socket.write(text);
  });
  return parsed(whole);
}

function parsed(whole: string) {
  const [head = '', body = ''] = whole.split('\r\n\r\n', 2);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  const json: unknown = JSON.parse(body);
  return { status: Number(first.split(' ')[1]), headers, json };
}

const error = (status: Parameters<typeof errorOf>[0], method: string, path: string, message: string) => ({
  ...errorOf(status, [method, path], message),
  path,
});

describe('what is no request, or none that Node passes on,', () => {
  test.each([
    ['what is this?\r\n\r\n', 400, '', '', 'The request could not be read'],
    [
      'GET /a HTTP/1.1\r\nHost: a\r\nBad Header: b\r\n\r\n',
      400,
      'GET',
      '/a',
      'The request could not be read',
    ],
    [
      `GET /b HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      ...[431, 'GET', '/b', 'The headers are too large'],
    ],
    ['GET /c HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'GET', '/c', 'Host: is required'],
    [
      'GET /d HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nConnection: close\r\n\r\n',
      ...[417, 'GET', '/d', 'Expect: only 100-continue is understood'],
    ],
  ] as const)(
    'is answered in the one shape, and its connection closed: %j',
    async (text, status, method, path, message) => {
      const { headers, json, ...rest } = await sent(text);
      expect([rest.status, json]).toEqual([status, error(status, method, path, message)]);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('connection')).toBe('close');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-correlation-id')).toEqual(uuid);
    },
  );

  test.each([
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'The request took too long to arrive'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'The chunk extensions of the body are too large'],
  ] as const)('%s is a %i', (code, status, message) => {
    const { json, ...rest } = parsed(answer(Object.assign(new Error('x'), { code })));
    expect([rest.status, json]).toEqual([status, error(status, '', '', message)]);
  });
});

describe('a process without an API', () => {
  test.each(['/', '/api/v1/schedulers', '/health/nothing'])(
    'answers %s with a 404 in the one shape',
    async (path) => {
      const response = await fetch(`${url}${path}`, { headers: { 'x-correlation-id': 'mine' } });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual(error(404, 'GET', path, `Nothing is at GET ${path}`));
      expect(response.headers.get('x-correlation-id')).toBe('mine');
    },
  );

  test('still tells of its health, and refuses other methods', async () => {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const response = await fetch(`${url}/health/live`, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    await response.text();
  });
});
