import { describe, expect, test } from '@jest/globals';
import { errorOf, newScheduler, openWorld, registration, statusOf, newId } from './fixtures.ts';

const { call } = await openWorld();

describe('a request with invalid fields', () => {
  test('is a 400 with one message for each of them', async () => {
    const answer = await call('POST', '/schedulers/register', {});
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(
        400,
        ['POST', '/schedulers/register'],
        ['scheduler_id: is required', 'service_name: is required', 'job_name: is required'],
      ),
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
      errorOf(
        400,
        ['PUT', '/schedulers/one/status'],
        [
          'service_name: must not be empty',
          'job_name: must be a string',
          'status: must be one of pending, running, completed, failed',
          'execution_time_ms: must be a number from 0 to 1e15',
          'error_message: must be a string',
          'metadata: must be a JSON object',
          'scheduler_id: must equal the id in the path',
          'event_id: must be a UUID',
          'timestamp: must not lie more than 5 minutes ahead',
        ],
      ),
    );
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
        'heartbeat_timeout_minutes: must be a whole number from 0 to 1440',
      ],
    });
  });

  test('names bad query parameters likewise', async () => {
    const path = '/schedulers/a/history?limit=0&from=yesterday&status=gone';
    const answer = await call('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(
      errorOf(
        400,
        ['GET', path],
        [
          'limit: must be a whole number from 1 to 1000',
          'from: must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z',
          'status: must be one of pending, running, completed, failed',
        ],
      ),
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
