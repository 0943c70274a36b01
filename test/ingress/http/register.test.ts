import { describe, expect, test } from '@jest/globals';
import { record } from '../../../src/store/projections/record.ts';
import { recorded as recordedOf, removal } from '../../support/events.ts';
import { until } from '../../support/until.ts';
import {
  apply,
  arrayOf,
  clockAt,
  eventsOf,
  isoTime,
  minutesFromNow,
  newId,
  newScheduler,
  objectOf,
  openIngress,
  openWorld,
  recordingPublisher,
  registration,
  sendToQueue,
  statusOf,
  noValues,
} from './fixtures.ts';

const { backend, call } = await openWorld({ consumer: true });
const frozen = clockAt('2026-11-23T17:30:00.000Z');
const atInstant = await openIngress({
  ...backend,
  clock: frozen,
  store: { ...backend.store, clock: frozen },
});

const contacts = {
  owner_email: 'owner@example.com',
  alert_user_id: 'U024BE7LH',
  heartbeat_timeout_minutes: 20,
};

describe('a first registration', () => {
  test('is a 201 with the scheduler', async () => {
    const answer = await atInstant.call(
      'POST',
      '/schedulers/register',
      registration('nightly-close', contacts),
    );
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      scheduler_id: 'nightly-close',
      service_name: 'billing',
      job_name: 'close-day',
      status: 'pending',
      timestamp: '2026-11-23T17:30:00.000Z',
      created_at: '2026-11-23T17:30:00.000Z',
      updated_at: '2026-11-23T17:30:00.000Z',
      owner_email: 'owner@example.com',
      alert_user_id: 'U024BE7LH',
      heartbeat_timeout_minutes: 20,
    });
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test('leaves one pending entry in the history, whose id is a UUIDv5 of the scheduler', async () => {
    const id = 'nightly-close';
    await atInstant.call('POST', '/schedulers/register', registration(id, contacts));
    expect((await atInstant.call('GET', `/schedulers/${id}/history`)).json).toEqual([
      {
        scheduler_id: 'nightly-close',
        id: 'd1be49a7-4027-5cbe-9c49-1128bd1fc0f4',
        status: 'pending',
        timestamp: '2026-11-23T17:30:00.000Z',
        execution_time_ms: null,
        error_message: null,
        metadata: {},
        run_id: null,
        business_date: null,
      },
    ]);
  });

  test('can be read at once, with null where there is no value', async () => {
    const id = newId();
    await atInstant.call('POST', '/schedulers/register', registration(id));
    expect((await atInstant.call('GET', `/schedulers/${id}`)).json).toEqual({
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'close-day',
      status: 'pending',
      timestamp: '2026-11-23T17:30:00.000Z',
      created_at: '2026-11-23T17:30:00.000Z',
      updated_at: '2026-11-23T17:30:00.000Z',
      registered: true,
      last_heartbeat: null,
      ...noValues,
    });
  });

  test('needs no consumer to be seen', async () => {
    const world = await openWorld();
    const id = await newScheduler(world.call);
    expect((await world.call('GET', `/schedulers/${id}`)).status).toBe(200);
    expect(arrayOf(await world.call('GET', `/schedulers/${id}/history`))).toHaveLength(1);
  });

  test('is durably queued as well, and its second application changes nothing', async () => {
    const { sent, publisher } = recordingPublisher();
    const { call: recorded } = await openIngress(backend, { publisher });
    const id = newId();
    const { created_at } = objectOf(
      await recorded('POST', '/schedulers/register', registration(id, contacts)),
    );
    expect(sent.map(({ body }) => objectOf({ json: JSON.parse(body) }))).toEqual([
      {
        type: 'register',
        scheduler_id: id,
        event_id: (await eventsOf(backend, id))[0]?.event.event_id,
        service_name: 'billing',
        job_name: 'close-day',
        ...contacts,
        timestamp: created_at,
        accepted_at: created_at,
        sender: 'bootstrap',
        ronda_schema: 2,
      },
    ]);
  });

  test.each(['a status', 'a heartbeat'])(
    'is never followed by a 404 for %s, on whatever replica',
    async (kind) => {
      const replica = await openIngress(backend);
      const send = async (id: string) =>
        kind === 'a status'
          ? await replica.call('PUT', `/schedulers/${id}/status`, statusOf(id))
          : await replica.call('POST', `/schedulers/${id}/heartbeat`, { scheduler_id: id });
      for (let time = 0; time < 10; time += 1) {
        const id = newId();
        expect((await send(id)).status).toBe(404);
        expect((await call('POST', '/schedulers/register', registration(id))).status).toBe(201);
        expect((await send(id)).status).toBe(200);
      }
    },
  );

  test('sent many times at the same instant leaves one scheduler and one pending entry', async () => {
    const replica = await openIngress(backend);
    const id = newId();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 === 0 ? call : replica.call)('POST', '/schedulers/register', registration(id)),
      ),
    );
    for (const { status } of answers) expect([200, 201]).toContain(status);
    expect(answers.map(({ status }) => status)).toContain(201);
    const history = arrayOf(await call('GET', `/schedulers/${id}/history`));
    const { created_at } = objectOf(await call('GET', `/schedulers/${id}`));
    expect(history).toMatchObject([{ status: 'pending', timestamp: created_at }]);
    const listed = arrayOf(await call('GET', '/schedulers')).filter(
      ({ scheduler_id }) => scheduler_id === id,
    );
    expect(listed).toHaveLength(1);
  });
});

describe('the first pending', () => {
  test('is replaced by a status whose own time is earlier', async () => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-90);
    await apply(call, id, { status: 'running', timestamp });
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({ status: 'running', timestamp });
    const listed = arrayOf(await call('GET', '/schedulers')).find(({ scheduler_id }) => scheduler_id === id);
    expect(listed).toMatchObject({ status: 'running', timestamp });
  });

  test('is replaced by a reported pending too', async () => {
    const id = await newScheduler(call);
    const timestamp = minutesFromNow(-90);
    await apply(call, id, { status: 'pending', timestamp });
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({ status: 'pending', timestamp });
  });
});

describe('a further registration', () => {
  test('is a 200 that updates names and contacts', async () => {
    const id = newId();
    await atInstant.call('POST', '/schedulers/register', registration(id, contacts));
    const changed = {
      scheduler_id: id,
      service_name: 'ledger',
      job_name: 'close-week',
      owner_email: 'other@example.com',
      alert_user_id: 'W12345',
      heartbeat_timeout_minutes: 1440,
    };
    const answer = await atInstant.call('POST', '/schedulers/register', changed);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      ...changed,
      status: 'pending',
      timestamp: '2026-11-23T17:30:00.000Z',
      created_at: '2026-11-23T17:30:00.000Z',
      updated_at: '2026-11-23T17:30:00.001Z',
    });
  });

  test('keeps what it leaves out, and clears what is null, each field by itself', async () => {
    const id = await newScheduler(call, contacts);
    const change = { owner_email: 'a@b.example', alert_user_id: null };
    const answer = await call('POST', '/schedulers/register', registration(id, change));
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      scheduler_id: id,
      service_name: 'billing',
      job_name: 'close-day',
      status: 'pending',
      timestamp: isoTime,
      created_at: isoTime,
      updated_at: isoTime,
      owner_email: 'a@b.example',
      heartbeat_timeout_minutes: 20,
    });
    expect((await call('GET', `/schedulers/${id}`)).json).toMatchObject({
      owner_email: 'a@b.example',
      alert_user_id: null,
      heartbeat_timeout_minutes: 20,
    });
  });

  test('after a removal brings back what earlier ones said, over HTTP and the queue alike', async () => {
    const id = await newScheduler(call, contacts);
    expect((await call('DELETE', `/schedulers/${id}`)).status).toBe(204);
    const back = await call('POST', '/schedulers/register', registration(id));
    expect([back.status, back.json]).toMatchObject([201, contacts]);
    await sendToQueue(backend, {
      ...{ type: 'register', ...registration(id, { job_name: 'close-week', owner_email: null }) },
      timestamp: minutesFromNow(1),
    });
    await until('it is renamed', async () => {
      const { json } = await call('GET', `/schedulers/${id}`);
      return objectOf({ json })['job_name'] === 'close-week';
    });
    expect((await call('GET', `/schedulers/${id}`)).json).toMatchObject({ ...contacts, owner_email: null });
  });

  test('keeps status and history and adds no entry', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { status: 'failed', error_message: 'disk full' });
    const before = await call('GET', `/schedulers/${id}/history`);
    const answer = await call('POST', '/schedulers/register', registration(id, { job_name: 'close-week' }));
    expect(answer.json).toMatchObject({ status: 'failed', job_name: 'close-week' });
    expect((await call('GET', `/schedulers/${id}/history`)).json).toEqual(before.json);
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({
      status: 'failed',
      error_message: 'disk full',
      job_name: 'close-week',
    });
  });

  test('that changes nothing is a 200 that appends and queues nothing', async () => {
    const { sent, publisher } = recordingPublisher();
    const { call: recorded } = await openIngress(backend, { publisher });
    const id = newId();
    const first = await recorded('POST', '/schedulers/register', registration(id, contacts));
    for (let time = 0; time < 3; time += 1) {
      for (const fields of [contacts, {}]) {
        const again = await recorded('POST', '/schedulers/register', registration(id, fields));
        expect(again.status).toBe(200);
        expect(again.json).toEqual(first.json);
      }
    }
    const bare = await newScheduler(recorded);
    await recorded('POST', '/schedulers/register', registration(bare, { owner_email: null }));
    expect(await eventsOf(backend, bare)).toHaveLength(1);
    expect(await eventsOf(backend, id)).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });

  test.each([
    { service_name: 'ledger' },
    { job_name: 'close-week' },
    { owner_email: 'other@example.com' },
    { alert_user_id: 'W12345' },
    { heartbeat_timeout_minutes: 21 },
    { owner_email: null },
    { alert_user_id: null },
    { heartbeat_timeout_minutes: null },
  ])('that changes anything appends an event: %j', async (change) => {
    const id = await newScheduler(call, contacts);
    await call('POST', '/schedulers/register', registration(id, { ...contacts, ...change }));
    expect(await eventsOf(backend, id)).toHaveLength(2);
  });

  test('names the scheduler whatever its statuses call it', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { service_name: 'renamed', job_name: 'renamed' });
    expect(objectOf(await call('GET', `/schedulers/${id}`))).toMatchObject({
      service_name: 'billing',
      job_name: 'close-day',
    });
  });
});

test('registrations and removals are stamped now, or 1 ms after the latest known if that is later', async () => {
  const clock = clockAt('2026-11-23T17:30:00.000Z');
  const at = await openIngress({ ...backend, clock, store: { ...backend.store, clock } });
  const id = newId();
  const stamps = async () => (await eventsOf(backend, id)).map(({ event }) => event.occurred_at);
  await at.call('POST', '/schedulers/register', registration(id));
  await at.call('POST', '/schedulers/register', registration(id, { job_name: 'b' }));
  clock.set('2026-11-23T17:20:00.000Z');
  await at.call('DELETE', `/schedulers/${id}`);
  await at.call('POST', '/schedulers/register', registration(id));
  clock.set('2026-11-23T17:40:00.000Z');
  await at.call('POST', '/schedulers/register', registration(id, { job_name: 'c' }));
  expect(await stamps()).toEqual([
    '2026-11-23T17:30:00.000Z',
    '2026-11-23T17:30:00.001Z',
    '2026-11-23T17:30:00.002Z',
    '2026-11-23T17:30:00.003Z',
    '2026-11-23T17:40:00.000Z',
  ]);
});

test('a timestamp in the body stamps nothing', async () => {
  const id = newId();
  const body = registration(id, { timestamp: '2020-01-01T00:00:00Z', event_id: 'x', type: 'status' });
  expect((await atInstant.call('POST', '/schedulers/register', body)).json).toMatchObject({
    created_at: '2026-11-23T17:30:00.000Z',
  });
});

test('a scheduler called "register" can be registered, reported, read and removed', async () => {
  const id = 'register';
  await call('POST', '/schedulers/register', registration(id));
  expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).status).toBe(200);
  expect(objectOf(await call('GET', `/schedulers/${id}`))['scheduler_id']).toBe('register');
  expect((await call('DELETE', `/schedulers/${id}`)).status).toBe(204);
  expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
});

test.each([
  ['9998-12-31T23:59:59.999Z', '9999-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('a removal at %s, however it came about, is undone by a registration at %s', async (time, stamp) => {
  const id = newId();
  const known = recordedOf(removal({ scheduler_id: id, occurred_at: time }));
  expect(await record(backend.store, [known])).toMatchObject([{ ok: true }]);
  expect((await call('POST', '/schedulers/register', registration(id))).status).toBe(201);
  const events = await eventsOf(backend, id);
  expect(events.find(({ event }) => event.type === 'scheduler_registered')?.event.occurred_at).toBe(stamp);
});
