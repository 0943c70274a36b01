import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../support/until.ts';
import { newScheduler, objectOf, openConsumer, openWorld, sendToQueue } from './fixtures.ts';

const { call } = await openWorld();
const id = await newScheduler(call);

const runs = { numRuns: 200, seed: 20_261_123 };

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const scalar = fc.oneof(
  text,
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.uuid(),
  fc.constantFrom(id, 'status', 'heartbeat', 'register', 'failed', 'completed', '', '__proto__'),
);
const value = fc.oneof(scalar, fc.jsonValue({ maxDepth: 4 }), fc.dictionary(text, scalar, { maxKeys: 8 }));
const valid = {
  scheduler_id: fc.constantFrom(id, 'unknown'),
  service_name: fc.string({ minLength: 1, maxLength: 40 }),
  job_name: fc.string({ minLength: 1, maxLength: 40 }),
  status: fc.constantFrom('pending', 'running', 'completed', 'failed'),
  timestamp: fc.constantFrom('2026-11-01T00:00:00Z', '1970-01-01T00:00:00+07:00'),
  error_message: fc.string({ unit: 'binary' }),
  execution_time_ms: fc.double({ min: 0, max: 1e15, noNaN: true }),
  metadata: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
  type: fc.constantFrom('status', 'heartbeat', 'register', 'remove', 'acknowledge', 'snooze'),
  event_id: fc.uuid(),
};
const names = [
  ...Object.keys(valid),
  'owner_email',
  'alert_user_id',
  'heartbeat_timeout_minutes',
  'accepted_at',
];

/** A report of which some fields are right, some missing and some anything. */
const report = fc
  .tuple(
    fc.record(valid, { requiredKeys: ['scheduler_id'] }),
    fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 2 }),
    fc.dictionary(text, value, { maxKeys: 2 }),
  )
  .map((parts): unknown => Object.assign({}, ...parts));

/** JSON, or nearly. */
const body = fc.oneof(
  { weight: 6, arbitrary: report.map((one) => JSON.stringify(one)) },
  { weight: 2, arbitrary: fc.array(report, { maxLength: 4 }).map((many) => JSON.stringify(many)) },
  { weight: 1, arbitrary: fc.json({ stringUnit: 'binary' }) },
  { weight: 1, arbitrary: text },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        report,
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', '[', '\\', '\0', '1e999', '\u2028', '\\ud800'),
      )
      .map(([one, at, noise]) => {
        const whole = JSON.stringify(one);
        const cut = at % (whole.length + 1);
        return whole.slice(0, cut) + noise + whole.slice(cut + noise.length);
      }),
  },
);

test.each([
  ['POST', '/schedulers/register'],
  ['PUT', `/schedulers/${id}/status`],
  ['POST', `/schedulers/${id}/heartbeat`],
  ['POST', '/events'],
])('no body makes %s %s fail on our side', async (method, path) => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const answer = await call(method, path, sent);
      seen.add(answer.status);
      expect(answer.status).toBeLessThan(500);
      if (answer.status >= 400) {
        expect(Object.keys(objectOf(answer))).toEqual([
          'statusCode',
          'timestamp',
          'path',
          'method',
          'error',
          'message',
        ]);
      }
    }),
    runs,
  );
  // Both ends are reached, so that the property says something.
  expect(seen).toContain(400);
  expect(Math.min(...seen)).toBeLessThan(300);
});

test('no query makes a list fail on our side', async () => {
  const query = fc.dictionary(
    fc.constantFrom('status', 'service', 'limit', 'cursor', 'as_of', 'from', 'to'),
    text,
  );
  await fc.assert(
    fc.asyncProperty(query, fc.constantFrom('', `/${id}`, `/${id}/history`), async (parameters, path) => {
      const answer = await call('GET', `/schedulers${path}?${new URLSearchParams(parameters).toString()}`);
      expect(answer.status).toBeLessThan(500);
    }),
    runs,
  );
});

test('no id in a path makes a call fail on our side', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, fc.webPath()), async (given) => {
      const path = given.toWellFormed();
      for (const one of [encodeURIComponent(path), path.replace(/[^\x21-\x7e]/g, '')]) {
        expect((await call('GET', `/schedulers/${one}`)).status).toBeLessThan(500);
      }
    }),
    runs,
  );
});

test('every body sent straight to the queue is recorded or put aside, none is tried again', async () => {
  const { backend: own } = await openWorld();
  // The characters that SQS takes, and of those the ones that the embedded engine does.
  const bodies = fc
    .sample(body, runs)
    .map((sent) => sent.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, ''))
    .filter((sent) => sent !== '');
  for (const sent of bodies) await sendToQueue(own, sent);
  const consumer = openConsumer(own);
  const done = () => consumer.counts().recorded + consumer.counts()['dead-lettered'];
  await until('all are dealt with', () => done() >= bodies.length);
  expect(consumer.counts().retried).toBe(0);
  expect(consumer.counts().recorded).toBeGreaterThan(10);
  expect(consumer.counts()['dead-lettered']).toBeGreaterThan(10);
});
