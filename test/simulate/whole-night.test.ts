import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock } from '../../src/clock.ts';
import { fleetNight, leadOf, nightMs } from '../../src/simulate/fleet.ts';
import { playFleet } from '../../src/simulate/sender.ts';
import { sentOf } from '../../src/simulate/tally.ts';
import { bootstrapKey, call, createBackend, startIngress, startTestConsumer } from '../support/harness.ts';
import { isEmpty } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { byScheduler, minute, start, type StatusReport } from './night.ts';
import { startStandIn } from './server.ts';

const scheduler = z.object({
  scheduler_id: z.string(),
  service_name: z.string(),
  job_name: z.string(),
  status: z.string(),
  timestamp: z.string(),
  registered: z.boolean(),
  last_heartbeat: z.string().nullable(),
  owner_email: z.string().nullable(),
  alert_user_id: z.string().nullable(),
  heartbeat_timeout_minutes: z.number().nullable(),
});
const entries = z.array(
  z.object({
    status: z.string(),
    timestamp: z.string(),
    execution_time_ms: z.number().nullable(),
    error_message: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  }),
);

const timeOf = (minutes: number): string => new Date(start + Math.round(minutes * minute)).toISOString();

test('a night that is played over HTTP and SQS, through a front that limits, fails and loses answers, ends as planned', async () => {
  const events = fleetNight({ seed: 40, start });
  const clock = createClock({ start: start - leadOf(nightMs), speed: 3_600 });
  const backend = await createBackend({ clock });
  const ingress = await startIngress(backend);
  const consumer = startTestConsumer(backend);
  const front = await startStandIn(async ({ method, path, key, body }, n) => {
    if (n === 5 || n === 200) return { status: 429, headers: { 'retry-after': '1' } };
    if (n % 17 === 0) return { status: 503, headers: { 'retry-after': '0' } };
    const answer = await call(`${ingress.url}/api/v1${path}`, method, body, { 'x-api-key': key ?? '' });
    return n % 23 === 0 ? 'drop' : { status: answer.status, body: answer.json };
  });
  try {
    const tally = await playFleet({
      events,
      clock,
      url: front.url,
      apiKey: bootstrapKey,
      sqs: { client: backend.sqs.send, queueUrl: backend.queues.events.url },
    });
    expect(tally).toMatchObject({ refused: 0, reasons: [], unsent: 0 });
    expect(sentOf(tally)).toBe(events.length);
    expect(tally.retried).toBeGreaterThan(20);
    const overSqs = events.filter(({ via }) => via === 'sqs').length;
    expect(overSqs).toBeGreaterThan(0);
    expect(front.seen).toHaveLength(events.length - overSqs + tally.retried);

    await until('the events queue is empty', () => isEmpty(backend.sqs.send, backend.queues.events.url));
    const list = z.array(scheduler).parse((await ingress.call('GET', '/schedulers')).json);
    expect(list).toHaveLength(40);
    for (const [id, said] of byScheduler(events)) {
      const statuses = said.flatMap(({ minutes, report }) =>
        report.type === 'status' ? [{ minutes, report }] : [],
      );
      const [first, last, registered] = [said.at(-1), statuses.at(-1), said[0]?.report];
      if (registered?.type !== 'register')
        throw new Error(`${id} begins with ${registered?.type ?? 'nothing'}`);
      expect(list.find(({ scheduler_id }) => scheduler_id === id)).toEqual({
        scheduler_id: id,
        service_name: registered.service_name,
        job_name: registered.job_name,
        owner_email: registered.owner_email,
        alert_user_id: registered.alert_user_id ?? null,
        heartbeat_timeout_minutes: registered.heartbeat_timeout_minutes ?? null,
        registered: true,
        status: last?.report.status,
        timestamp: timeOf(last?.minutes ?? NaN),
        last_heartbeat: timeOf(first?.minutes ?? NaN),
      });
      const history = entries.parse((await ingress.call('GET', `/schedulers/${id}/history`)).json);
      // Beside what was reported, each has the pending entry of its registration.
      expect(history).toHaveLength(statuses.length + 1);
      expect(history).toEqual(
        expect.arrayContaining(statuses.map(({ minutes, report }) => entryOf(minutes, report))),
      );
    }
  } finally {
    await front.stop();
    await consumer.stop();
    await ingress.stop();
    backend.close();
  }
});

function entryOf(minutes: number, report: StatusReport): z.infer<typeof entries>[number] {
  return {
    status: report.status,
    timestamp: timeOf(minutes),
    execution_time_ms: report.execution_time_ms ?? null,
    error_message: report.error_message ?? null,
    metadata: report.metadata ?? {},
  };
}
