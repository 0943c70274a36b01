import { expect, test } from '@jest/globals';
import { readRow } from '../../../src/store/projections/scheduler-rows.ts';
import {
  arrayOf,
  errorOf,
  eventsOf,
  newId,
  newKey,
  newScheduler,
  objectOf,
  openWorld,
  uuid,
} from './fixtures.ts';

const { backend, call } = await openWorld();
const christmas = { date: '2026-12-25', name: 'Christmas' };
const plain = { weekend: ['sat', 'sun'], holidays: [], workdays: [] };
const idsOf = async (stream: string) => (await eventsOf(backend, stream)).map(({ event }) => event.type);
const limited = { 'x-api-key': await newKey(backend, { services: ['billing'] }) };

test('a calendar is put, answered whole, read in the form in which it is put, and listed', async () => {
  const whole = { ...plain, holidays: [christmas] };
  const answer = await call('PUT', '/calendars/indonesia', { holidays: [christmas] });
  expect([answer.status, answer.json]).toEqual([200, whole]);
  expect((await call('GET', '/calendars/indonesia')).json).toEqual(whole);
  expect((await call('PUT', '/calendars/indonesia', whole)).json).toEqual(whole);
  expect(await idsOf('calendar/indonesia')).toEqual(['calendar_set']);
  await call('PUT', '/calendars/ambon', {});
  expect((await call('GET', '/calendars')).json).toEqual([
    { name: 'ambon', ...plain },
    { name: 'indonesia', ...whole },
  ]);
  const [event] = await eventsOf(backend, 'calendar/ambon');
  expect(event).toMatchObject({ event: { by: 'bootstrap' }, envelope: { sender: 'bootstrap' } });
  // It is no scheduler.
  expect(await readRow(backend.store, 'calendar/ambon')).toBeUndefined();
  expect((await call('GET', '/schedulers')).json).toEqual([]);
});

test('a calendar is taken away once, and may come back', async () => {
  await call('PUT', '/calendars/gone', {});
  expect((await call('DELETE', '/calendars/gone')).status).toBe(204);
  for (const method of ['GET', 'DELETE'])
    expect((await call(method, '/calendars/gone')).json).toEqual(
      errorOf(404, [method, '/calendars/gone'], 'Calendar gone not found'),
    );
  expect(arrayOf(await call('GET', '/calendars')).map(({ name }) => name)).not.toContain('gone');
  expect((await call('PUT', '/calendars/gone', {})).status).toBe(200);
  expect(await idsOf('calendar/gone')).toEqual(['calendar_set', 'calendar_set', 'calendar_set']);
});

test('what is no calendar is a 400 that names each field', async () => {
  const answer = await call('PUT', '/calendars/bad', {
    ...{ weekend: ['saturday'], holydays: [], workdays: ['1.1.2026'] },
  });
  expect(objectOf(answer)['message']).toEqual([
    'weekend.0: must be one of mon, tue, wed, thu, fri, sat, sun',
    'workdays.0: must be a date, like 2026-11-23',
    'holydays: is no field of it, there are weekend, holidays, workdays',
  ]);
  expect(objectOf(await call('PUT', '/calendars/a%20b', {}))['message']).toEqual([
    'name: must be 1 to 64 of A-Z a-z 0-9 . _ -',
  ]);
  expect(objectOf(await call('PUT', '/calendars/__proto__', {}))['message']).toEqual([
    'name: must not be ., .. or __proto__',
  ]);
});

test('a key of some services sets no calendar, which is everybody’s', async () => {
  for (const method of ['PUT', 'DELETE'])
    expect((await call(method, '/calendars/ours', method === 'PUT' ? {} : undefined, limited)).json).toEqual(
      errorOf(
        403,
        [method, '/calendars/ours'],
        'This API key is limited to services, and a calendar is everybody’s',
      ),
    );
});

const plan = {
  ...{ services: ['ledger'], from: '2026-11-23T20:00:00+07:00', until: '2026-11-23T22:00:00+07:00' },
  reason: 'new disks',
};

test('a maintenance is planned, listed, and ended once', async () => {
  const answer = await call('POST', '/maintenance', plan);
  const shown = {
    ...{ id: uuid, services: ['ledger'], reason: 'new disks', by: 'bootstrap' },
    ...{ from: '2026-11-23T13:00:00.000Z', until: '2026-11-23T15:00:00.000Z' },
    ...{ planned_at: expect.any(String), ended_at: null },
  };
  expect([answer.status, answer.json]).toEqual([201, shown]);
  const { id } = objectOf(answer);
  expect((await call('GET', '/maintenance')).json).toEqual([{ ...shown, id }]);
  const path = `/maintenance/${String(id)}`;
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('DELETE', path)).json).toEqual(
    errorOf(404, ['DELETE', path], `Maintenance ${String(id)} not found`),
  );
  expect((await call('GET', '/maintenance')).json).toEqual([{ ...shown, id, ended_at: expect.any(String) }]);
  expect(await idsOf(`maintenance/${String(id)}`)).toEqual(['maintenance_planned', 'maintenance_ended']);
});

test('a maintenance says who planned it, and for which schedulers', async () => {
  const answer = await call('POST', '/maintenance', {
    ...{ ...plan, services: null, scheduler_ids: ['payroll'], by: 'sari' },
  });
  expect(objectOf(answer)).toMatchObject({ scheduler_ids: ['payroll'], by: 'sari' });
  expect(objectOf(answer)).not.toHaveProperty('services');
});

test('what is no maintenance is a 400 that names each field', async () => {
  const messageOf = async (body: object) => objectOf(await call('POST', '/maintenance', body))['message'];
  expect(await messageOf({ ...plan, until: plan.from, by: 5 })).toEqual([
    'until: must lie after from',
    'by: must be a string',
  ]);
  expect(await messageOf({ ...plan, services: undefined })).toEqual([
    'scheduler_ids: or services is required',
  ]);
  expect(await messageOf({ ...plan, by: '' })).toEqual(['by: must not be empty']);
  expect(await messageOf({ ...plan, reason: undefined, why: 'disks' })).toEqual([
    'reason: is required',
    'why: is no field of it, there are scheduler_ids, services, from, until, reason',
  ]);
  expect(objectOf(await call('DELETE', '/maintenance/disks'))['message']).toEqual(['id: must be a UUID']);
});

test('a key of some services plans, sees and ends maintenance of theirs alone', async () => {
  const other = await newScheduler(call, { service_name: 'payments' });
  const refused = async (body: object) => (await call('POST', '/maintenance', body, limited)).status;
  expect(await refused(plan)).toBe(403);
  expect(await refused({ ...plan, services: ['billing'], scheduler_ids: [other] })).toBe(403);
  const { id } = objectOf(await call('POST', '/maintenance', plan));
  expect((await call('DELETE', `/maintenance/${String(id)}`, undefined, limited)).status).toBe(403);
  const own = { ...plan, services: ['billing'], scheduler_ids: [newId()] };
  const planned = objectOf(await call('POST', '/maintenance', own, limited));
  const idOf = planned['id'];
  expect(arrayOf(await call('GET', '/maintenance', undefined, limited)).map((one) => one['id'])).toContain(
    idOf,
  );
  expect(
    arrayOf(await call('GET', '/maintenance', undefined, limited)).map((one) => one['id']),
  ).not.toContain(id);
  expect((await call('DELETE', `/maintenance/${String(idOf)}`, undefined, limited)).status).toBe(204);
});
