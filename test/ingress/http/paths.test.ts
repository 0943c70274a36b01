import { describe, expect, test } from '@jest/globals';
import { bootstrapKey } from '../../support/harness.ts';
import { errorOf, newScheduler, openWorld } from './fixtures.ts';
import { sendRaw } from './raw-requests.ts';

const { ingress, call } = await openWorld();

describe('a path', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/scheduler'],
    ['GET', '/schedulers/a/b'],
    ['POST', '/schedulers/a/status/x'],
    ['GET', '/events/1'],
    ['GET', '/Schedulers'],
    ['DELETE', '/nothing?x=1'],
  ])('that is none of ours is a 404: %s %s', async (method, path) => {
    const answer = await call(method, path);
    expect(answer.status).toBe(404);
    const [plain] = path.split('?', 1);
    expect(answer.json).toEqual(
      errorOf(404, [method, path], `Nothing is at ${method} /api/v1${plain ?? ''}`),
    );
  });

  test('outside /api/v1 is a 404 of the same shape', async () => {
    const response = await fetch(`${ingress.url}/favicon.ico`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      ...errorOf(404, ['GET', ''], 'Nothing is at GET /favicon.ico'),
      path: '/favicon.ico',
    });
  });

  test.each([
    ['PUT', '/schedulers', 'GET, HEAD'],
    ['POST', '/schedulers', 'GET, HEAD'],
    ['DELETE', '/schedulers', 'GET, HEAD'],
    ['PUT', '/schedulers/register', 'GET, HEAD, POST, DELETE'],
    ['POST', '/schedulers/a', 'GET, HEAD, DELETE'],
    ['PATCH', '/schedulers/a', 'GET, HEAD, DELETE'],
    ['OPTIONS', '/schedulers/a', 'GET, HEAD, DELETE'],
    ['POST', '/schedulers/a/status', 'PUT'],
    ['GET', '/schedulers/a/status', 'PUT'],
    ['PUT', '/schedulers/a/heartbeat', 'POST'],
    ['POST', '/schedulers/a/history', 'GET, HEAD'],
    ['GET', '/events', 'POST'],
  ])('of ours with another method is a 405 that says which there are: %s %s', async (method, path, allow) => {
    const answer = await call(method, `${path}?x=1`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    expect(answer.json).toEqual(errorOf(405, [method, `${path}?x=1`], `${method} is not for /api/v1${path}`));
  });

  test.each(['/health/live', '/health/ready'])('%s with another method is a 405 too', async (path) => {
    const response = await fetch(`${ingress.url}${path}`, { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await response.json()).toEqual({
      ...errorOf(405, ['POST', ''], `POST is not for ${path}`),
      path,
    });
  });

  test('in absolute form is the same path', async () => {
    const answer = await sendRaw(ingress.url, [
      'GET http://any.example/api/v1/schedulers?limit=1 HTTP/1.1',
      `x-api-key: ${bootstrapKey}`,
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await sendRaw(ingress.url, ['GET http://any.example?x=1 HTTP/1.1'])).toContain(
      '"path":"/?x=1","method":"GET","error":"Not Found"',
    );
  });

  test.each([
    'http://evil:99999999/api/v1/schedulers',
    'http://evil:99999999/health/live',
    'http://[/',
    'http://[/api/v1/schedulers/a?as_of=1',
    'http://',
    'ftp://any.example/api/v1/schedulers',
  ])('within a target that cannot be read is a 400: %s', async (target) => {
    const answer = await sendRaw(ingress.url, [
      `GET ${target} HTTP/1.1`,
      `x-api-key: ${bootstrapKey}`,
      'x-correlation-id: mine',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^x-correlation-id: mine\r$/im);
    const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    expect(body).toEqual({
      ...errorOf(400, ['GET', ''], 'The request target could not be read'),
      path: target,
    });
  });

  test('answers HEAD as GET, without a body', async () => {
    const answer = await call('HEAD', '/schedulers');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });
});

test('no answer may be stored', async () => {
  const id = await newScheduler(call);
  const answers = [
    await call('GET', '/schedulers'),
    await call('GET', `/schedulers/${id}/history`),
    await call('POST', '/schedulers/register', {}),
    await call('GET', '/schedulers', undefined, { 'x-api-key': 'wrong' }),
    await call('GET', '/nothing'),
    await fetch(`${ingress.url}/health/live`),
    await fetch(`${ingress.url}/health/ready`),
  ];
  expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(answers.map(() => 'no-store'));
});
