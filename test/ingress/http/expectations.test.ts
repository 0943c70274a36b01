import { describe, expect, test } from '@jest/globals';
import { expectationSet, recorded, status } from '../../support/events.ts';
import { record } from '../../../src/store/projections/record.ts';
import {
  apply,
  arrayOf,
  clockAt,
  errorOf,
  eventsOf,
  newId,
  newKey,
  newScheduler,
  newUuid,
  objectOf,
  openWorld,
  registration,
  statusOf,
} from './fixtures.ts';
import { until } from '../../support/until.ts';

const { backend, call } = await openWorld({ consumer: true });
const sent = {
  ...{ severity: 'critical', schedule: '0 1 * * MON-FRI', timezone: 'Asia/Jakarta', days: 'business' },
  results: [{ path: 'records.processed', at_least: 1 }],
};
const path = (id: string) => `/schedulers/${id}/expectation`;
const waitingFor = (...depends_on: string[]) => ({ schedule: 'night', depends_on });
const typesOf = async (id: string) => (await eventsOf(backend, id)).map(({ event }) => event.type);

describe('an expectation', () => {
  test('is set, answered as it is stored, and read by everybody at once', async () => {
    const id = await newScheduler(call);
    const answer = await call('PUT', path(id), sent);
    expect([answer.status, answer.json]).toEqual([200, sent]);
    expect((await call('GET', path(id))).json).toEqual(sent);
    expect(objectOf(await call('GET', `/schedulers/${id}`))['expectation']).toEqual(sent);
    expect(await typesOf(id)).toEqual(['scheduler_registered', 'expectation_set']);
  });

  test('that is there already makes no event, in whatever order its fields come', async () => {
    const id = await newScheduler(call, { expectation: sent });
    const turned = Object.fromEntries(Object.entries(sent).reverse());
    expect((await call('PUT', path(id), { ...turned, calendar: null })).json).toEqual(sent);
    expect(
      (await call('POST', '/schedulers/register', registration(id, { expectation: turned }))).status,
    ).toBe(200);
    expect(await typesOf(id)).toEqual(['scheduler_registered']);
  });

  test('is taken away, once, by DELETE or by null in a registration; a registration without it keeps it', async () => {
    const id = await newScheduler(call);
    await call('PUT', path(id), sent);
    await call('POST', '/schedulers/register', registration(id, { job_name: 'renamed' }));
    expect((await call('GET', path(id))).json).toEqual(sent);
    expect((await call('DELETE', path(id))).status).toBe(204);
    expect((await call('GET', path(id))).json).toEqual(
      errorOf(404, ['GET', path(id)], `Scheduler ${id} has no expectation`),
    );
    expect((await call('DELETE', path(id))).status).toBe(404);
    await call('PUT', path(id), sent);
    await call('POST', '/schedulers/register', registration(id, { expectation: null }));
    expect((await call('GET', path(id))).status).toBe(404);
  });

  test('takes effect whatever the clock that set the last one said', async () => {
    const id = await newScheduler(call);
    const ahead = '2099-01-01T00:00:00.000Z';
    await record(backend.store, [recorded(expectationSet({ scheduler_id: id, occurred_at: ahead }))]);
    expect((await call('PUT', path(id), sent)).json).toEqual(sent);
    expect((await call('GET', path(id))).json).toEqual(sent);
    expect((await eventsOf(backend, id)).at(-1)?.event.occurred_at).toBe('2099-01-01T00:00:00.001Z');
    const other = { schedule: 'night' };
    await call('POST', '/schedulers/register', registration(id, { expectation: other }));
    expect((await call('GET', path(id))).json).toEqual(other);
  });

  test('is known of a time that is past', async () => {
    const id = await newScheduler(call, { expectation: { schedule: 'night' } });
    const before = new Date(backend.clock.now()).toISOString();
    await until('a moment has passed', () => new Date(backend.clock.now()).toISOString() > before);
    await call('PUT', path(id), sent);
    expect(objectOf(await call('GET', `/schedulers/${id}?as_of=${before}`))['expectation']).toEqual({
      schedule: 'night',
    });
  });

  test('of a scheduler that there is not, or is removed, is a 404', async () => {
    const id = newId();
    for (const method of ['GET', 'DELETE'])
      expect((await call(method, path(id))).json).toEqual(
        errorOf(404, [method, path(id)], `Scheduler ${id} not found`),
      );
    const unknown = errorOf(404, ['PUT', path(id)], `Scheduler ${id} not found. Please register first.`);
    expect((await call('PUT', path(id), sent)).json).toEqual(unknown);
    await call('POST', '/schedulers/register', registration(id, { expectation: sent }));
    await call('DELETE', `/schedulers/${id}`);
    expect((await call('GET', path(id))).status).toBe(404);
    expect((await call('PUT', path(id), sent)).json).toEqual(unknown);
    expect((await call('DELETE', path(id))).status).toBe(404);
  });

  test('that is none is a 400 that names each field and says what would be right, however it is sent', async () => {
    const id = await newScheduler(call);
    const bad = { schedule: '*/5 * * * *', dais: 'all', depends_on: ['a b'] };
    const issues = (before: string) => [
      expect.stringContaining(`${before}schedule: must `),
      `${before}depends_on.0: must be 1 to 255 of A-Z a-z 0-9 . _ : -`,
      expect.stringContaining(`${before}dais: is no field of it, there are schedule, `),
    ];
    expect(objectOf(await call('PUT', path(id), bad))).toMatchObject({
      statusCode: 400,
      message: issues(''),
    });
    expect(
      objectOf(await call('POST', '/schedulers/register', registration(newId(), { expectation: bad }))),
    ).toMatchObject({ statusCode: 400, message: issues('expectation.') });
    expect(objectOf(await call('PUT', path(id), {}))['message']).toEqual(['schedule: is required']);
    expect((await call('PUT', path(id), '[]')).status).toBe(400);
    const long = { schedule: 'night', results: Array(10).fill({ path: 'a', equals: 'x'.repeat(999) }) };
    expect(objectOf(await call('PUT', path(id), long))['message']).toEqual([
      'expectation: must be at most 8192 bytes of JSON',
    ]);
    expect(await typesOf(id)).toEqual(['scheduler_registered']);
  });
});

describe('a circle', () => {
  test('is a 400 that names its path, over PUT and in a registration', async () => {
    const [a, b, c] = [await newScheduler(call), await newScheduler(call), newId()];
    expect((await call('PUT', path(a), waitingFor(b))).status).toBe(200);
    expect((await call('PUT', path(b), waitingFor(c))).status).toBe(200);
    const body = registration(c, { expectation: waitingFor('elsewhere', a) });
    expect(objectOf(await call('POST', '/schedulers/register', body))['message']).toEqual([
      `expectation.depends_on: must not lead back to itself: ${c} -> ${a} -> ${b} -> ${c}`,
    ]);
    expect((await call('GET', `/schedulers/${c}`)).status).toBe(404);
    await call('POST', '/schedulers/register', registration(c));
    expect(objectOf(await call('PUT', path(c), waitingFor(b)))['message']).toEqual([
      `depends_on: must not lead back to itself: ${c} -> ${b} -> ${c}`,
    ]);
    expect(objectOf(await call('PUT', path(c), waitingFor(c)))['message']).toEqual([
      `depends_on: must not lead back to itself: ${c} -> ${c}`,
    ]);
    expect((await call('GET', path(c))).status).toBe(404);
  });

  test('is none where two wait for one', async () => {
    const [a, b, c] = [await newScheduler(call), await newScheduler(call), await newScheduler(call)];
    await call('PUT', path(b), waitingFor(a));
    await call('PUT', path(c), waitingFor(a, b));
    expect((await call('PUT', path(a), { schedule: 'night' })).status).toBe(200);
    expect((await call('GET', path(c))).json).toEqual(waitingFor(a, b));
  });
});

describe('a key of one service', () => {
  test('has the expectations of its schedulers alone, and lets them wait for no others', async () => {
    const headers = { 'x-api-key': await newKey(backend, { services: ['billing'] }) };
    const [own, other] = [await newScheduler(call), await newScheduler(call, { service_name: 'payments' })];
    await call('PUT', path(other), sent);
    const refused = 'This API key is not for the service payments';
    for (const [method, body] of [
      ['PUT', sent],
      ['GET', undefined],
      ['DELETE', undefined],
    ] as const)
      expect((await call(method, path(other), body, headers)).json).toEqual(
        errorOf(403, [method, path(other)], refused),
      );
    expect((await call('PUT', path(own), waitingFor(other), headers)).json).toEqual(
      errorOf(403, ['PUT', path(own)], refused),
    );
    const body = registration(newId(), { expectation: waitingFor(other) });
    expect((await call('POST', '/schedulers/register', body, headers)).status).toBe(403);
    for (const method of ['PUT', 'GET', 'DELETE'])
      expect((await call(method, path(own), method === 'PUT' ? sent : undefined, headers)).status).toBe(
        method === 'DELETE' ? 204 : 200,
      );
  });
});

test('a run and its business date come with a status, alone or in a batch, and stand in the history', async () => {
  const id = await newScheduler(call);
  const run = { run_id: 'close:2026-11-23', business_date: '2026-11-23' };
  const answer = await apply(call, id, run);
  expect(answer.status).toBe(200);
  const one = { type: 'status', ...statusOf(id, { run_id: 'b', status: 'running' }) };
  const batch = await call('POST', '/events', [one, { ...one, run_id: 'a b' }]);
  expect(batch.json).toMatchObject([
    { status: 200 },
    { status: 400, message: ['run_id: must be 1 to 128 of A-Z a-z 0-9 . _ : -'] },
  ]);
  const entries = await until('both are there', async () => {
    const found = arrayOf(await call('GET', `/schedulers/${id}/history`));
    return found.some(({ run_id }) => run_id === 'b') ? found : undefined;
  });
  expect(entries).toContainEqual(expect.objectContaining(run));
});

test('of a scheduler that only SQS knows is read, and taken away', async () => {
  const frozen = clockAt('2026-11-23T17:30:00.000Z');
  const own = await openWorld({ clock: frozen });
  const id = newId();
  const fields = { scheduler_id: id, occurred_at: '2026-11-23T17:00:00.000Z' };
  const events = [
    recorded(status(fields)),
    recorded(expectationSet({ ...fields, event_id: newUuid(), expectation: '{"schedule":"night"}' })),
  ];
  await record(own.backend.store, events);
  expect((await own.call('GET', path(id))).json).toEqual({ schedule: 'night' });
  expect((await own.call('PUT', path(id), sent)).status).toBe(404);
  expect((await own.call('DELETE', path(id))).status).toBe(204);
});
