import { describe, expect, test } from '@jest/globals';
import { newId, objectOf, openWorld, registration } from './fixtures.ts';

const { call } = await openWorld();

describe('the fields of a registration', () => {
  const x = (length: number) => 'x'.repeat(length);

  test.each([
    ['scheduler_id', 'AZaz09._:-'],
    ['scheduler_id', x(255)],
    ['scheduler_id', 'register'],
    ['scheduler_id', '__proto__'],
    ['service_name', x(255)],
    ['service_name', '支付 🧾 "quoted" <b> \\ / #'],
    ['job_name', 'ä'],
    ['job_name', x(255)],
    ['owner_email', 'first.last+tag@mail.example.com'],
    ['alert_user_id', 'UAB'],
    ['alert_user_id', `W${'A'.repeat(20)}`],
    ['heartbeat_timeout_minutes', 0],
    ['heartbeat_timeout_minutes', 1],
    ['heartbeat_timeout_minutes', 1440],
  ])('%s may be %j', async (field, value) => {
    const answer = await call('POST', '/schedulers/register', registration(newId(), { [field]: value }));
    expect(answer.status).toBe(201);
    expect(objectOf(answer)[field]).toBe(value);
  });

  const idRule = 'must be 1 to 255 of A-Z a-z 0-9 . _ : -';
  const emailRule = 'must be an e-mail address';
  const userRule = 'must be a Slack user id: U or W and 2 to 20 of A-Z 0-9';
  const minutesRule = 'must be a whole number from 0 to 1440';
  test.each([
    ['scheduler_id', '', idRule],
    ['scheduler_id', x(256), idRule],
    ['scheduler_id', 'a b', idRule],
    ['scheduler_id', 'a/b', idRule],
    ['scheduler_id', 'a#b', idRule],
    ['scheduler_id', '.', 'must not be . or ..'],
    ['scheduler_id', '..', 'must not be . or ..'],
    ['scheduler_id', 'a\n', idRule],
    ['scheduler_id', 'задача', idRule],
    ['scheduler_id', 5, 'must be a string'],
    ['service_name', '', 'must not be empty'],
    ['service_name', x(256), 'must be at most 255 characters'],
    ['service_name', ['a'], 'must be a string'],
    ['job_name', '', 'must not be empty'],
    ['job_name', x(256), 'must be at most 255 characters'],
    ['job_name', true, 'must be a string'],
    ['owner_email', '', emailRule],
    ['owner_email', 'nobody', emailRule],
    ['owner_email', 'a@b', emailRule],
    ['owner_email', 'a b@example.com', emailRule],
    ['owner_email', 5, emailRule],
    ['alert_user_id', '', userRule],
    ['alert_user_id', 'UA', userRule],
    ['alert_user_id', `U${'A'.repeat(21)}`, userRule],
    ['alert_user_id', 'X024BE7LH', userRule],
    ['alert_user_id', 'u024be7lh', userRule],
    ['alert_user_id', '<@U024BE7LH>', userRule],
    ['alert_user_id', 5, 'must be a string'],
    ['heartbeat_timeout_minutes', 1441, minutesRule],
    ['heartbeat_timeout_minutes', 1.5, minutesRule],
    ['heartbeat_timeout_minutes', -1, minutesRule],
    ['heartbeat_timeout_minutes', 1e300, minutesRule],
    ['heartbeat_timeout_minutes', '10', minutesRule],
  ])('%s may not be %j', async (field, value, rule) => {
    const answer = await call('POST', '/schedulers/register', registration(newId(), { [field]: value }));
    expect(answer.status).toBe(400);
    expect(objectOf(answer)['message']).toEqual([`${field}: ${rule}`]);
  });
});
