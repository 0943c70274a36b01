import { describe, expect, test } from '@jest/globals';
import { errorOf, newScheduler, openWorld, registration, sendBytes, sendRaw, statusOf, newId } from './fixtures.ts';
import { bootstrapKey } from '../../support/harness.ts';

const { ingress, call } = await openWorld();

describe('a request with invalid fields', () => {
  test('is a 400 with one message for each of them', async () => {
    const answer = await call('POST', '/schedulers/register', {});
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(400, ['POST', '/schedulers/register'], 'Bad Request', [
        'scheduler_id: is required',
        'service_name: is required',
        'job_name: is required',
      ]),
    );
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('names every field of a status that is wrong, those of the contract between fields included', async () => {
    const body = {
      scheduler_id: 'another',
      service_name: '',
      job_name: 5,
      status: 'done',
      timestamp: '2999-01-01T00:00:00Z',
      execution_time_ms: '5',
      error_message: 7,
      metadata: [],
      event_id: 'no-uuid',
    };
    const answer = await call('PUT', '/schedulers/one/status', body);
    expect(answer.json).toEqual(
      errorOf(400, ['PUT', '/schedulers/one/status'], 'Bad Request', [
        'service_name: must not be empty',
        'job_name: must be a string',
        'status: must be one of pending, running, completed, failed',
        'execution_time_ms: must be a number from 0 to 1e15',
        'error_message: must be a string',
        'metadata: must be a JSON object',
        'scheduler_id: must equal the id in the path',
        'event_id: must be a UUID',
        'timestamp: must not lie more than 5 minutes ahead',
      ]),
    );
  });

  test('names the missing reason of a failure beside other fields', async () => {
    const body = statusOf('one', { status: 'failed', service_name: 5, timestamp: null });
    const answer = await call('PUT', '/schedulers/one/status', body);
    expect(answer.json).toMatchObject({
      message: [
        'service_name: must be a string',
        'timestamp: is required',
        'error_message: is required when status is failed',
      ],
    });
  });

  test('has one message for a field that is wrong in two ways', async () => {
    const answer = await call('POST', '/schedulers/register', {
      ...registration('one'),
      service_name: `${'x'.repeat(256)}\ud800`,
      owner_email: 'x'.repeat(300),
      heartbeat_timeout_minutes: -0.5,
    });
    expect(answer.json).toMatchObject({
      message: [
        'service_name: must be at most 255 characters',
        'owner_email: must be an e-mail address',
        'heartbeat_timeout_minutes: must be a whole number from 1 to 1440',
      ],
    });
  });

  test('names bad query parameters likewise', async () => {
    const path = '/schedulers/a/history?limit=0&from=yesterday&status=gone';
    const answer = await call('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(400, ['GET', path], 'Bad Request', [
        'limit: must be a whole number from 1 to 1000',
        'from: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
        'status: must be one of pending, running, completed, failed',
      ]),
    );
  });

  test('is a 400 even where the scheduler is unknown', async () => {
    expect((await call('PUT', '/schedulers/unknown/status', {})).status).toBe(400);
  });
});

describe('null counts as absent', () => {
  test('for the optional fields of a registration', async () => {
    const id = newId();
    const optional = { owner_email: null, alert_user_id: null, heartbeat_timeout_minutes: null };
    const answer = await call('POST', '/schedulers/register', registration(id, optional));
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.json ?? {})).toEqual([
      'scheduler_id',
      'service_name',
      'job_name',
      'status',
      'timestamp',
      'created_at',
      'updated_at',
    ]);
  });

  test('for the optional fields of a status', async () => {
    const id = await newScheduler(call);
    const optional = { execution_time_ms: null, error_message: null, metadata: null, event_id: null };
    const answer = await call('PUT', `/schedulers/${id}/status`, statusOf(id, optional));
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json ?? {})).toEqual([
      'scheduler_id',
      'service_name',
      'job_name',
      'status',
      'timestamp',
      'updated_at',
      'event_id',
    ]);
  });

  test('for the optional fields of a heartbeat', async () => {
    const id = await newScheduler(call);
    const body = { scheduler_id: id, timestamp: null, event_id: null };
    expect((await call('POST', `/schedulers/${id}/heartbeat`, body)).status).toBe(200);
  });

  test('for the optional fields of an event in a batch', async () => {
    const id = await newScheduler(call);
    const event = { type: 'heartbeat', scheduler_id: id, timestamp: null, event_id: null };
    expect((await call('POST', '/events', [event])).json).toMatchObject([{ status: 200 }]);
  });

  test('so a required field that is null is missing', async () => {
    const nulls = { scheduler_id: null, service_name: null, job_name: null };
    expect((await call('POST', '/schedulers/register', nulls)).json).toMatchObject({
      message: ['scheduler_id: is required', 'service_name: is required', 'job_name: is required'],
    });
    const body = { ...nulls, status: null, timestamp: null };
    expect((await call('PUT', '/schedulers/a/status', body)).json).toMatchObject({
      message: [
        'scheduler_id: is required',
        'service_name: is required',
        'job_name: is required',
        'status: is required',
        'timestamp: is required',
      ],
    });
    const event = { type: 'heartbeat', scheduler_id: null };
    expect((await call('POST', '/events', [event])).json).toEqual([
      { status: 400, message: ['scheduler_id: is required'] },
    ]);
  });

  test('so a failure whose message is null has none', async () => {
    const body = statusOf('a', { status: 'failed', error_message: null });
    expect((await call('PUT', '/schedulers/a/status', body)).json).toMatchObject({
      message: ['error_message: is required when status is failed'],
    });
  });
});

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
      expect(answer.json).toEqual(errorOf(400, [method, path], 'Bad Request', ['body: must be valid JSON']));
    },
  );

  test.each(batch ? ['{}', '"text"', '5', 'true', 'null'] : ['[]', '[{}]', '"text"', '5', 'true', 'null'])(
    'is a 400 when it is JSON of another kind: %s',
    async (body) => {
      const answer = await call(method, path, body);
      const kind = batch ? 'array' : 'object';
      expect(answer.json).toEqual(errorOf(400, [method, path], 'Bad Request', [`body: must be a JSON ${kind}`]));
    },
  );

  test('is a 400 when it is no UTF-8', async () => {
    const { status, json } = await sendBytes(ingress.url, method, path, Uint8Array.of(0x22, 0xff, 0xfe, 0x22));
    expect(status).toBe(400);
    expect(json).toEqual(errorOf(400, [method, path], 'Bad Request', ['body: must be valid JSON']));
  });

  test('is a 400 when there is none', async () => {
    const answer = await sendRaw(ingress.url, [`${method} /api/v1${path} HTTP/1.1`, `x-api-key: ${bootstrapKey}`]);
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
      errorOf(
        415,
        [method, path],
        'Unsupported Media Type',
        'The content type must be application/json in UTF-8',
      ),
    );
  });

  test('is a 415 when it has no type', async () => {
    const head = [`${method} /api/v1${path} HTTP/1.1`, `x-api-key: ${bootstrapKey}`];
    expect(await sendRaw(ingress.url, head, '{}')).toMatch(/^HTTP\/1\.1 415 /);
  });

  test.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'APPLICATION/JSON', 'application/vnd.ronda+json'])(
    'is read when its type is %s',
    async (type) => {
      const answer = await call(method, path, '{', { 'content-type': type });
      expect(answer.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
    },
  );

  const [limit, words] = batch ? [1_048_576, '1 MiB'] : [65_536, '64 KiB'];

  test(`is read up to ${words}`, async () => {
    const answer = await call(method, path, ' '.repeat(limit));
    expect(answer.json).toMatchObject({ statusCode: 400, message: ['body: must be valid JSON'] });
  });

  test(`is a 413 over ${words}`, async () => {
    const answer = await call(method, path, ' '.repeat(limit + 1));
    expect(answer.status).toBe(413);
    expect(answer.json).toEqual(errorOf(413, [method, path], 'Payload Too Large', 'The body is too large'));
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
      errorOf(404, [method, path], 'Not Found', `Nothing is at ${method} /api/v1${plain ?? ''}`),
    );
  });

  test('outside /api/v1 is a 404 of the same shape', async () => {
    const response = await fetch(`${ingress.url}/favicon.ico`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      ...errorOf(404, ['GET', ''], 'Not Found', 'Nothing is at GET /favicon.ico'),
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
    expect(answer.json).toEqual(
      errorOf(405, [method, `${path}?x=1`], 'Method Not Allowed', `${method} is not for /api/v1${path}`),
    );
  });

  test.each(['/health/live', '/health/ready'])('%s with another method is a 405 too', async (path) => {
    const response = await fetch(`${ingress.url}${path}`, { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
    expect(await response.json()).toEqual({
      ...errorOf(405, ['POST', ''], 'Method Not Allowed', `POST is not for ${path}`),
      path,
    });
  });

  test('answers HEAD as GET, without a body', async () => {
    const answer = await call('HEAD', '/schedulers');
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('');
  });
});

test('an error says nothing of our insides', async () => {
  const answers = [
    await call('POST', '/schedulers/register', '{'),
    await call('GET', '/schedulers/%zz'),
    await call('GET', '/nothing'),
    await call('GET', '/schedulers?cursor=zzz'),
  ];
  for (const { text, headers } of answers) {
    expect(text).not.toMatch(/node_modules|\.ts|at \w+ \(|Zod|express|SyntaxError|DynamoDB|SQS/i);
    expect(headers.get('x-powered-by')).toBeNull();
  }
});
