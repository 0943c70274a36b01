import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  eventsOf,
  keptLog,
  newKey,
  newScheduler,
  openConsumer,
  openIngress,
  openWorld,
  receive,
  recordingPublisher,
  registration,
  sendToQueue,
  statusOf,
  newId,
  uuid,
} from './fixtures.ts';
import { sendRaw } from './raw-requests.ts';

const { ingress, call, backend } = await openWorld();
const header = 'x-correlation-id';

describe('the correlation id of an answer', () => {
  test('is the one of the request', async () => {
    const answer = await call('GET', '/schedulers', undefined, { [header]: 'night-2026-11-23/42' });
    expect(answer.headers.get(header)).toBe('night-2026-11-23/42');
  });

  test('is the x-request-id where there is no x-correlation-id', async () => {
    const answer = await call('GET', '/schedulers', undefined, { 'x-request-id': 'request-7' });
    expect(answer.headers.get(header)).toBe('request-7');
  });

  test('is the x-correlation-id where there are both', async () => {
    const headers = { [header]: 'first', 'x-request-id': 'second' };
    const answer = await call('GET', '/schedulers', undefined, headers);
    expect(answer.headers.get(header)).toBe('first');
  });

  test('is a new UUID for every request that brings none', async () => {
    const [a, b] = [await call('GET', '/schedulers'), await call('GET', '/schedulers')];
    expect(a.headers.get(header)).toEqual(uuid);
    expect(b.headers.get(header)).toEqual(uuid);
    expect(a.headers.get(header)).not.toBe(b.headers.get(header));
  });

  test('may have 128 characters', async () => {
    const id = 'x'.repeat(128);
    expect((await call('GET', '/schedulers', undefined, { [header]: id })).headers.get(header)).toBe(id);
  });

  test.each([
    ['129 characters', 'x'.repeat(129)],
    ['a space inside', 'two words'],
    ['a letter outside ASCII', 'id-é'],
    ['nothing', ''],
  ])('is a new one when the given one has %s', async (_what, id) => {
    const answer = await call('GET', '/schedulers', undefined, { [header]: id });
    expect(answer.headers.get(header)).toEqual(uuid);
  });

  test('is the x-request-id when the x-correlation-id is of no use', async () => {
    const headers = { [header]: 'two words', 'x-request-id': 'request-8' };
    expect((await call('GET', '/schedulers', undefined, headers)).headers.get(header)).toBe('request-8');
  });

  test('cannot carry a control character into the answer', async () => {
    const answer = await sendRaw(ingress.url, ['GET /api/v1/schedulers HTTP/1.1', `${header}: a\tb`]);
    expect(answer).not.toContain('a\tb');
    expect(answer).toMatch(/x-correlation-id: [0-9a-f-]{36}\r\n/);
  });

  test.each([
    ['401', 'GET', '/schedulers', { 'x-api-key': 'wrong' }],
    ['404', 'GET', '/nothing', {}],
    ['405', 'PATCH', '/schedulers', {}],
    ['400', 'GET', '/schedulers?limit=0', {}],
  ])('is there on a %s too', async (status, method, path, headers) => {
    const answer = await call(method, path, undefined, { ...headers, [header]: 'failing' });
    expect(String(answer.status)).toBe(status);
    expect(answer.headers.get(header)).toBe('failing');
  });

  test('is there on health too', async () => {
    const { headers } = await fetch(`${ingress.url}/health/live`, { headers: { [header]: 'probe-1' } });
    expect(headers.get(header)).toBe('probe-1');
  });
});

test('the queued message carries the correlation id as an attribute', async () => {
  const world = await openWorld();
  const id = await newScheduler(world.call);
  await world.call('PUT', `/schedulers/${id}/status`, statusOf(id), { [header]: 'queued-1' });
  await world.call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id }, { [header]: 'queued-2' });
  await world.call('POST', '/events', [{ type: 'heartbeat', scheduler_id: id }], { [header]: 'queued-3' });
  const seen = new Set<string | undefined>();
  await until('all three are received', async () => {
    for (const { MessageAttributes } of await receive(world.backend)) {
      seen.add(MessageAttributes?.[header]?.StringValue);
    }
    return ['queued-1', 'queued-2', 'queued-3'].every((correlation) => seen.has(correlation));
  });
});

test('the queued message names the key as its group, and the stored event as its sender', async () => {
  const { sent, publisher } = recordingPublisher();
  const recording = await openIngress(backend, { publisher });
  const headers = { 'x-api-key': await newKey(backend, { name: 'billing-prod' }) };
  const id = newId();
  await recording.call('POST', '/schedulers/register', registration(id), headers);
  expect(sent.map(({ groupId }) => groupId)).toEqual(['billing-prod']);
  const [stored] = await eventsOf(backend, id);
  expect(stored?.envelope.sender).toBe('billing-prod');
});

describe('with a consumer', () => {
  const kept = keptLog();
  openConsumer(backend, kept.log);
  const linesOf = (log: { lines: () => Record<string, unknown>[] }, correlation: string) =>
    log.lines().filter(({ correlation_id }) => correlation_id === correlation);

  test.each(['status', 'heartbeat', 'batch', 'register', 'remove'])(
    'the stored event of a %s carries the correlation id of its request',
    async (kind) => {
      const id = await newScheduler(call);
      const headers = { [header]: `stored-${kind}` };
      const body = { scheduler_id: id };
      if (kind === 'status') await call('PUT', `/schedulers/${id}/status`, statusOf(id), headers);
      if (kind === 'heartbeat') await call('POST', `/schedulers/${id}/heartbeat`, body, headers);
      if (kind === 'batch') await call('POST', '/events', [{ type: 'heartbeat', ...body }], headers);
      if (kind === 'remove') await call('DELETE', `/schedulers/${id}`, undefined, headers);
      const changed = registration(id, { job_name: 'other' });
      if (kind === 'register') await call('POST', '/schedulers/register', changed, headers);
      const events = await until('the event is stored', async () => {
        const stored = await eventsOf(backend, id);
        return stored.length === 2 && stored;
      });
      const correlations = events.map(({ envelope }) => envelope.correlation_id);
      expect(correlations).toContain(`stored-${kind}`);
    },
  );

  test('every log line of the request and the consumer’s line of the event carry it, and none has the key', async () => {
    const own = keptLog();
    const logged = await openIngress(backend, { log: own.log });
    const id = await newScheduler(logged.call);
    const before = own.lines().length;
    const key = await newKey(backend);
    const headers = { [header]: 'logged-1', 'x-api-key': key, Prefer: 'wait=10' };
    expect((await logged.call('PUT', `/schedulers/${id}/status`, statusOf(id), headers)).status).toBe(200);
    const lines = await until('the request is logged', () => {
      const since = own.lines().slice(before);
      return since.some(({ msg }) => msg === 'request') && since;
    });
    expect(lines.map(({ correlation_id }) => correlation_id)).toEqual(lines.map(() => 'logged-1'));
    expect(lines.map(({ msg }) => msg)).toEqual(['status_reported queued', 'request']);
    const applied = await until('the consumer has logged', () => {
      const found = linesOf(kept, 'logged-1');
      return found.length > 0 && found;
    });
    expect(applied).toMatchObject([{ scheduler_id: id, msg: 'status_reported applied' }]);
    expect(own.text() + kept.text()).not.toContain(key.slice(-43));
  });

  test('the consumer’s line of a refused message carries it', async () => {
    await sendToQueue(backend, '{"type":"nonsense"}', { [header]: 'refused-1' });
    const [line] = await until('the consumer has logged', () => {
      const found = linesOf(kept, 'refused-1');
      return found.length > 0 && found;
    });
    expect(line).toMatchObject({ msg: 'message moved to the dead-letter queue' });
  });

  test('the lines of a request that fails carry it', async () => {
    const own = keptLog();
    const publisher = {
      send: () => Promise.reject(new Error('a bug of ours')),
      close: () => Promise.resolve(),
    };
    const broken = await openIngress(backend, { log: own.log, publisher });
    const headers = { [header]: 'broken-1' };
    const answer = await broken.call('POST', '/schedulers/register', registration(newId()), headers);
    expect(answer.status).toBe(500);
    const lines = await until('the request is logged', () => own.lines().length === 2 && own.lines());
    expect(lines).toMatchObject([
      { msg: 'request failed', correlation_id: 'broken-1' },
      { msg: 'request', correlation_id: 'broken-1', status: 500 },
    ]);
  });

  test('the lines of a readiness probe that fails carry it', async () => {
    const own = keptLog();
    const slackProblem = () => 'it is starting';
    const { url } = await openIngress(backend, { log: own.log, roles: ['slack'], slackProblem });
    expect((await fetch(`${url}/health/ready`, { headers: { [header]: 'probe-2' } })).status).toBe(503);
    const lines = await until('the probe is logged', () => own.lines().length === 2 && own.lines());
    expect(lines).toMatchObject([
      { msg: 'health check failed', correlation_id: 'probe-2' },
      { msg: 'request', correlation_id: 'probe-2' },
    ]);
  });
});
