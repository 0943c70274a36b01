import { describe, expect, test } from '@jest/globals';
import { contentHash, defaultEventId, eventIdFrom, initialEntryId } from '../../src/events/identity.ts';
import { isUuid } from '../../src/events/fields.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  registration,
  removal,
  snooze,
  status,
} from '../support/events.ts';

describe('an event id', () => {
  test('that is a UUID stays it, in lower case, whatever its version', () => {
    expect(eventIdFrom('payroll', '6FA459EA-EE8A-3CA4-894E-DB77E160355E')).toBe(
      '6fa459ea-ee8a-3ca4-894e-db77e160355e',
    );
    expect(eventIdFrom('payroll', 'ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe(
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    );
  });

  // Worked out with another implementation (Python's uuid5). If these change, every retry becomes a new event.
  test('that is none becomes the UUIDv5 of scheduler and id, today and for ever', () => {
    expect(eventIdFrom('payroll-nightly', 'run-42')).toBe('d34d8a56-3f08-50ac-b510-2378599a10b6');
    expect(eventIdFrom('billing', 'run-42')).toBe('9929ac41-e7d1-5c82-88ac-a6ba1e1d2c18');
    expect(initialEntryId('payroll-nightly')).toBe('284d8b16-65db-53f4-ab2c-551ef1afece8');
  });

  test('of any text is an id, even where the text is no Unicode', () => {
    expect(isUuid(eventIdFrom('payroll', 'run-\ud800'))).toBe(true);
    expect(isUuid(eventIdFrom('payroll', '終わり 🌙'))).toBe(true);
  });

  test.each([
    '{6fa459ea-ee8a-3ca4-894e-db77e160355e}',
    'urn:uuid:6fa459ea-ee8a-3ca4-894e-db77e160355e',
    '6fa459eaee8a3ca4894edb77e160355e',
    '6fa459ea-ee8a-3ca4-894e-db77e160355e\n',
    '6fa459ea-ee8a-3ca4-894e-db77e160355g',
  ])('like %j is none that could stay', (text) => {
    expect(isUuid(text)).toBe(false);
    expect(eventIdFrom('payroll', text)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
  });
});

describe('the content hash', () => {
  const full = status({
    status: 'failed',
    execution_time_ms: 1_500,
    error_message: 'disk full',
    metadata: '{"rows":1,"parts":[{"a":1,"b":null},2]}',
  });

  // Worked out by hand: SHA-256 of the fields that are there, members sorted. Stored hashes are compared with it.
  test('of one known event never changes', () => {
    // {"occurred_at":"2099-11-23T17:30:00.000Z","scheduler_id":"payroll","type":"heartbeat_received","v":1}
    expect(contentHash(heartbeat())).toBe('_gLHizXPM-sDwXJ8eb55YPZx4JoJz3TikbffVOd2lh0');
    expect(defaultEventId(heartbeat())).toBe('141e1b3b-67d3-5ccd-9b4d-6fcfb2bccdfd');
  });

  test('and id of a registration are what version 1 made of the same request', () => {
    // {"job_name":"close-day","occurred_at":"2099-11-23T17:30:00.000Z","owner_email":"sari@example.com",
    //  "scheduler_id":"payroll","service_name":"billing","type":"scheduler_registered","v":1}
    const owned = registration({ owner_email: 'sari@example.com' });
    expect(contentHash(owned)).toBe('H-VntCNDUHez3WI0ZwKS1lvoymUSO_eFImZkMR3xRUU');
    expect(defaultEventId(owned)).toBe('392c1fe1-fd5a-55b0-b959-58a05ff94676');
    expect(contentHash(registration())).toBe('YXNM9hO34fuUfEtO8mMEU7F0FiJk6IaKq2k0t-FmLQ0');
  });

  test('of a registration tells null, which clears, from absent, which keeps', () => {
    const hashes = [
      registration(),
      registration({ owner_email: null }),
      registration({ alert_user_id: null }),
      registration({ owner_email: null, alert_user_id: null, heartbeat_timeout_minutes: null }),
    ].map(contentHash);
    expect(new Set(hashes).size).toBe(4);
  });

  test('has nothing of the id, since the id is compared by itself', () => {
    expect(contentHash(status({ ...full, event_id: idOf(2) }))).toBe(contentHash(full));
  });

  test('is the same however a number in metadata is spelled', () => {
    expect(contentHash({ ...full, metadata: '{"rows":1.0,"parts":[{"a":10e-1,"b":null},2]}' })).toBe(
      contentHash(full),
    );
  });

  test('takes a field of null for one that is absent', () => {
    const { error_message, metadata, ...rest } = status();
    expect([error_message, metadata]).toEqual([null, null]);
    expect(contentHash({ ...rest, error_message: null, metadata: null })).toBe(contentHash(status()));
    expect(contentHash({ ...rest, error_message: null, metadata: '{}' })).toBe(contentHash(status()));
    expect(contentHash(Object.assign(status(), { added_later: null }))).toBe(contentHash(status()));
  });

  test('differs between kinds of event that say the same otherwise', () => {
    expect(contentHash(heartbeat())).not.toBe(contentHash(removal()));
  });

  test.each([
    ['registration', registration(), { ...registration(), owner_email: 'sari@example.com' }],
    ['registration', registration(), { ...registration(), heartbeat_timeout_minutes: 15 }],
    ['acknowledgement', acknowledgement(), acknowledgement({ by: 'budi' })],
    ['acknowledgement', acknowledgement(), acknowledgement({ failure_event_id: idOf(98) })],
    ['snooze', snooze(), snooze({ until: at('20:00:00.001') })],
  ])('differs when one field of a %s differs', (_kind, one, other) => {
    expect(contentHash(one)).not.toBe(contentHash(other));
  });

  test('keeps a metadata key `__proto__` apart from none', () => {
    const odd = { ...full, metadata: '{"__proto__":{"a":1}}' };
    expect(contentHash(odd)).not.toBe(contentHash({ ...full, metadata: '{}' }));
  });
});
