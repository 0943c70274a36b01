import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { until } from '../../support/until.ts';
import {
  arrayOf,
  errorOf,
  minutesFromNow,
  newScheduler,
  newUuid,
  objectOf,
  openIngress,
  openWorld,
  statusOf,
  type World,
} from './fixtures.ts';

const { real, monotonic } = createClock();

const put = ({ call }: World, id: string, Prefer: string, fields: object = {}) =>
  call('PUT', `/schedulers/${id}/status`, statusOf(id, fields), { Prefer });

describe('Prefer: wait', () => {
  const applied = openWorld({ consumer: true });
  const unapplied = openWorld();

  test('holds the answer until the event is applied, and answers the scheduler', async () => {
    const world = await applied;
    const id = await newScheduler(world.call);
    for (const status of ['running', 'completed']) {
      const answer = await put(world, id, 'wait=10', { status, metadata: { a: 1 } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('preference-applied')).toBe('wait');
      expect(answer.json).toMatchObject({ status, registered: true, metadata: { a: 1 }, owner_email: null });
      expect(answer.json).toEqual((await world.call('GET', `/schedulers/${id}`)).json);
      const [latest] = arrayOf(await world.call('GET', `/schedulers/${id}/history?status=${status}`));
      expect(latest).toMatchObject({ status });
    }
  });

  test('answers the scheduler as projected, where a later status stands already', async () => {
    const world = await applied;
    const id = await newScheduler(world.call);
    await put(world, id, 'wait=10', { timestamp: minutesFromNow(-1) });
    const late = await put(world, id, 'wait=10', { status: 'running', timestamp: minutesFromNow(-2) });
    expect(late.status).toBe(200);
    expect(late.json).toMatchObject({ status: 'completed' });
  });

  test.each(['wait=10', 'Wait=10', 'wait="10"', 'foo, wait=10', 'wait=10; x=y', 'wait = 10', 'wait=99999'])(
    'is understood as %s',
    async (prefer) => {
      const world = await applied;
      const answer = await put(world, await newScheduler(world.call), prefer);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('preference-applied')).toBe('wait');
    },
  );

  test.each(['wait', 'wait=', 'wait=soon', 'wait=-1', 'wait=1.5', 'handling=lenient', ''])(
    'that cannot be understood is none: %j',
    async (prefer) => {
      const world = await unapplied;
      const answer = await put(world, await newScheduler(world.call), prefer);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('preference-applied')).toBeNull();
      expect(answer.json).toMatchObject({ status: 'completed' });
      expect(objectOf(answer)['registered']).toBeUndefined();
    },
  );

  test('that runs out is a 202 with the accepted fields, not before its time', async () => {
    const world = await unapplied;
    const id = await newScheduler(world.call);
    const start = real();
    const answer = await put(world, id, 'wait=1');
    const took = real() - start;
    expect(answer.status).toBe(202);
    expect(Object.keys(objectOf(answer))).toEqual([
      'scheduler_id',
      'service_name',
      'job_name',
      'status',
      'timestamp',
      'updated_at',
      'event_id',
    ]);
    expect(answer.headers.get('preference-applied')).toBeNull();
    expect(answer.headers.get('location')).toBe(`/api/v1/schedulers/${id}`);
    expect(took).toBeGreaterThanOrEqual(1_000);
    expect(took).toBeLessThan(5_000);
  });

  test('of more than 10 s runs out after 10', async () => {
    const fast = { ...createClock(), monotonic: () => monotonic() * 20 };
    const { backend } = await unapplied;
    const { call } = await openIngress({ ...backend, clock: fast, store: { ...backend.store, clock: fast } });
    const id = await newScheduler(call);
    const start = fast.monotonic();
    const headers = { Prefer: 'wait=60' };
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id), headers)).status).toBe(202);
    const took = fast.monotonic() - start;
    expect(took).toBeGreaterThanOrEqual(10_000);
    expect(took).toBeLessThan(40_000);
  });

  test('of 0 s is over at once', async () => {
    const world = await unapplied;
    expect((await put(world, await newScheduler(world.call), 'wait=0')).status).toBe(202);
  });

  test('does not hold back what is refused', async () => {
    const world = await unapplied;
    const answer = await put(world, 'gone', 'wait=10');
    expect(answer.json).toEqual(
      errorOf(404, ['PUT', '/schedulers/gone/status'], 'Scheduler gone not found. Please register first.'),
    );
  });

  test('of an event that is refused, since its id and time say something else already, is a 409', async () => {
    const world = await applied;
    const id = await newScheduler(world.call);
    const fields = { timestamp: minutesFromNow(-10), event_id: newUuid() };
    expect((await put(world, id, 'wait=10', fields)).status).toBe(200);
    const other = await put(world, id, 'wait=10', { ...fields, execution_time_ms: 5 });
    expect(other.json).toEqual(
      errorOf(
        409,
        ['PUT', `/schedulers/${id}/status`],
        'An event with this id and timestamp is there already, and says something else',
      ),
    );
    expect((await put(world, id, 'wait=10', fields)).status).toBe(200);
  });

  test('of a status older than the history’s retention is over once it is applied', async () => {
    const world = await applied;
    const answer = await put(world, await newScheduler(world.call), 'wait=10', {
      timestamp: '1979-07-20T20:17:40Z',
    });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ timestamp: '1979-07-20T20:17:40.000Z' });
  });
});

describe('Prefer: respond-async', () => {
  const opened = openWorld();

  test('is a 202 at once, with where to look', async () => {
    const world = await opened;
    const id = await newScheduler(world.call);
    const answer = await put(world, id, 'respond-async');
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/api/v1/schedulers/${id}`);
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    expect(answer.json).toMatchObject({ scheduler_id: id, status: 'completed' });
  });

  test('queues the status like any other', async () => {
    const world = await openWorld({ consumer: true });
    const id = await newScheduler(world.call);
    const { headers } = await put(world, id, 'respond-async', { status: 'running' });
    const location = (headers.get('location') ?? '').replace('/api/v1', '');
    await until(
      'the scheduler at the location runs',
      async () => objectOf(await world.call('GET', location))['status'] === 'running',
    );
  });
});
