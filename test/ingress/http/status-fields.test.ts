import { describe, expect, test } from '@jest/globals';
import { clockAt, errorOf, newScheduler, objectOf, openWorld, statusOf } from './fixtures.ts';

const clock = clockAt('2026-11-23T17:30:00.000Z');
const { call } = await openWorld({ clock });
const timestamp = '2026-11-23T17:29:00.000Z';
const id = await newScheduler(call);
const path = `/schedulers/${id}/status`;
const put = (fields: object) => call('PUT', path, statusOf(id, { timestamp, ...fields }));

describe('the fields of a status', () => {
  const x = (length: number) => 'x'.repeat(length);

  test.each([
    ['service_name', x(255)],
    ['job_name', 'Ночь 🌙'],
    ['status', 'pending'],
    ['status', 'running'],
    ['status', 'completed'],
    ['execution_time_ms', 0],
    ['execution_time_ms', 1e15],
    ['execution_time_ms', 0.1],
    ['error_message', 'with a status that is no failure'],
    ['error_message', x(8_000)],
    ['metadata', { a: [1, { b: null }], c: 'text', d: true }],
    ['event_id', '0b7a3b52-6f86-4a2c-9d0e-3f7f6d1c2a12'],
    ['run_id', 'billing:close-2026_11.23'],
    ['run_id', x(128)],
    ['business_date', '2028-02-29'],
  ])('%s may be %j and is answered as it is', async (field, value) => {
    const answer = await put({ [field]: value });
    expect(answer.status).toBe(200);
    expect(objectOf(answer)[field]).toEqual(value);
  });

  test('event_id is answered in lower case', async () => {
    const answer = await put({ event_id: '0B7A3B52-6F86-4A2C-9D0E-3F7F6D1C2A13' });
    expect(objectOf(answer)['event_id']).toBe('0b7a3b52-6f86-4a2c-9d0e-3f7f6d1c2a13');
  });

  const time = 'must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z';
  const status = 'must be one of pending, running, completed, failed';
  const duration = 'must be a number from 0 to 1e15';
  const failed = 'is required when status is failed';
  test.each([
    ['scheduler_id', 'another', 'must equal the id in the path'],
    ['run_id', '', 'must be 1 to 128 of A-Z a-z 0-9 . _ : -'],
    ['run_id', x(129), 'must be 1 to 128 of A-Z a-z 0-9 . _ : -'],
    ['run_id', 42, 'must be a string'],
    ['business_date', '2026-02-29', 'must be a date, like 2026-11-23'],
    ['business_date', '2026-11-23T00:00:00Z', 'must be a date, like 2026-11-23'],
    ['scheduler_id', null, 'is required'],
    ['scheduler_id', 7, 'must be a string'],
    ['scheduler_id', 'a b', 'must be 1 to 255 of A-Z a-z 0-9 . _ : -'],
    ['service_name', null, 'is required'],
    ['service_name', '', 'must not be empty'],
    ['service_name', x(256), 'must be at most 255 characters'],
    ['job_name', null, 'is required'],
    ['job_name', '', 'must not be empty'],
    ['job_name', {}, 'must be a string'],
    ['status', null, 'is required'],
    ['status', 'Completed', status],
    ['status', 'success', status],
    ['status', '', status],
    ['status', 3, status],
    ['timestamp', null, 'is required'],
    ['timestamp', '', time],
    ['timestamp', 1_795_000_000_000, 'must be an ISO 8601 time with offset or Z'],
    ['timestamp', '2026-11-23T17:29:00', time],
    ['timestamp', '2026-11-23', time],
    ['timestamp', 'Mon, 23 Nov 2026 17:29:00 GMT', time],
    ['execution_time_ms', -1, duration],
    ['execution_time_ms', -1e-200, duration],
    ['execution_time_ms', 1_000_000_000_000_001, duration],
    ['execution_time_ms', '5', duration],
    ['execution_time_ms', true, duration],
    ['error_message', 5, 'must be a string'],
    ['error_message', { text: 'x' }, 'must be a string'],
    ['metadata', [], 'must be a JSON object'],
    ['metadata', 'text', 'must be a JSON object'],
    ['metadata', '{"a":1}', 'must be a JSON object'],
    ['metadata', 5, 'must be a JSON object'],
    ['metadata', true, 'must be a JSON object'],
    ['event_id', 'mine', 'must be a UUID'],
    ['event_id', '0b7a3b526f864a2c9d0e3f7f6d1c2a13', 'must be a UUID'],
    ['event_id', '', 'must not be empty'],
    ['event_id', 5, 'must be a string'],
  ])('%s may not be %j', async (field, value, rule) => {
    const answer = await put({ [field]: value });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(errorOf(400, ['PUT', path], [`${field}: ${rule}`]));
  });

  test.each([{}, { error_message: null }, { error_message: '' }])(
    'error_message is required with failed: %j',
    async (fields) => {
      const answer = await put({ status: 'failed', ...fields });
      expect(answer.status).toBe(400);
      expect(objectOf(answer)['message']).toEqual([`error_message: ${failed}`]);
    },
  );

  test('an empty error_message with another status is none', async () => {
    expect(objectOf(await put({ status: 'completed', error_message: '' }))).not.toHaveProperty(
      'error_message',
    );
  });

  test('error_message over 8,000 characters is kept to 8,000 and says how long it was', async () => {
    const answer = await put({ status: 'failed', error_message: x(8_001) });
    expect(answer.status).toBe(200);
    expect(objectOf(answer)['error_message']).toBe(`${x(8_000)}… (cut, 8001 characters)`);
  });

  test('error_message is not cut through a character', async () => {
    const answer = await put({ status: 'failed', error_message: `${x(7_999)}🧾${x(10)}` });
    expect(objectOf(answer)['error_message']).toBe(`${x(7_999)}… (cut, 8011 characters)`);
  });

  test.each([
    ['5 minutes ahead', '2026-11-23T17:35:00.000Z', 200],
    ['5 minutes and a millisecond ahead', '2026-11-23T17:35:00.001Z', 400],
    ['a day ahead', '2026-11-24T17:30:00.000Z', 400],
    ['a year back', '2025-11-23T17:30:00.000Z', 200],
  ])('timestamp %s', async (_when, time, expected) => {
    const answer = await put({ timestamp: time });
    expect(answer.status).toBe(expected);
    expect(objectOf(answer)['message']).toEqual(
      expected === 200 ? undefined : ['timestamp: must not lie more than 5 minutes ahead'],
    );
  });

  test.each([
    ['2026-11-23T17:29:00Z', '2026-11-23T17:29:00.000Z'],
    ['2026-11-23T17:29Z', '2026-11-23T17:29:00.000Z'],
    ['2026-11-24T00:29:00+07:00', '2026-11-23T17:29:00.000Z'],
    ['2026-11-24T00:29:00+0700', '2026-11-23T17:29:00.000Z'],
    ['2026-11-24T00:29:00+07', '2026-11-23T17:29:00.000Z'],
    ['2026-11-23T12:59:00-04:30', '2026-11-23T17:29:00.000Z'],
    ['2026-11-23T17:29:00.9Z', '2026-11-23T17:29:00.900Z'],
    ['2026-11-23T17:29:00.999999999Z', '2026-11-23T17:29:00.999Z'],
    ['2026-11-23T17:29:00,5Z', '2026-11-23T17:29:00.500Z'],
  ])('timestamp %s leaves as %s', async (given, answered) => {
    expect(objectOf(await put({ timestamp: given }))['timestamp']).toBe(answered);
  });
});
