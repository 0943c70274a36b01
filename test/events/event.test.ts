import { describe, expect, test } from '@jest/globals';
import { inTermsOf, upcast } from '../../src/events/event.ts';
import { heartbeat, registration, status } from '../support/events.ts';

const contacts = { owner_email: 'sari@example.com', alert_user_id: null, heartbeat_timeout_minutes: null };
/** As version 1 stored it: what was left out was null. */
const storedV1 = { ...registration(), v: 1, ...contacts, content_hash: 'x', accepted_at: 'y' };

describe('a stored registration', () => {
  test('of version 1 set every field, and so it does today: what was left out is cleared', () => {
    expect(upcast(storedV1)).toEqual({
      v: 2,
      type: 'scheduler_registered',
      scheduler_id: 'payroll',
      occurred_at: '2099-11-23T17:30:00.000Z',
      event_id: '00000000-0000-4000-8000-000000000001',
      service_name: 'billing',
      job_name: 'close-day',
      owner_email: 'sari@example.com',
      alert_user_id: null,
      heartbeat_timeout_minutes: null,
    });
  });

  test('of version 2 is as it is: absent stays absent, null stays null', () => {
    for (const event of [registration(), registration({ owner_email: null, heartbeat_timeout_minutes: 0 })])
      expect(upcast({ ...event, content_hash: 'x' })).toEqual(event);
  });

  test.each([
    ['of version 1 that lacks a field', { ...registration(), v: 1, owner_email: null, alert_user_id: null }],
    ['of a newer version', { ...registration(), v: 3 }],
    ['without a version', { ...storedV1, v: undefined }],
    ['without a name', { ...storedV1, job_name: undefined }],
  ])('%s cannot be read', (_, item) => {
    expect(upcast(item)).toBeUndefined();
  });
});

test('events of other types are as they were stored', () => {
  for (const event of [heartbeat(), status({ metadata: '{"rows":1}' })]) expect(upcast(event)).toEqual(event);
});

test('version 1 of a registration could not tell null from absent, and every other event is as it is', () => {
  expect(inTermsOf(1, registration(contacts))).toEqual(registration({ owner_email: 'sari@example.com' }));
  expect(inTermsOf(2, registration(contacts))).toEqual(registration(contacts));
  expect(inTermsOf(1, heartbeat())).toEqual(heartbeat());
});
