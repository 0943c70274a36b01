import { describe, expect, test } from '@jest/globals';
import {
  apply,
  arrayOf,
  errorOf,
  newId,
  newScheduler,
  nextOf,
  objectOf,
  openWorld,
  registration,
  sendToQueue,
  statusOf,
  type World,
} from './fixtures.ts';
import { until } from '../../support/until.ts';

const cursorOf = (key: string) => Buffer.from(key).toString('base64url');
const idsOf = (schedulers: readonly Record<string, unknown>[]) =>
  schedulers.map(({ scheduler_id }) => String(scheduler_id));

/** Follows `next` from a path to the end. */
async function pagesFrom({ call }: World, path: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answer = await call('GET', next);
    expect(answer.status).toBe(200);
    pages.push(idsOf(arrayOf(answer)));
    next = nextOf(answer);
  }
  return pages;
}

test('the list of no schedulers is empty', async () => {
  const { call } = await openWorld();
  const answer = await call('GET', '/schedulers');
  expect(answer.status).toBe(200);
  expect(answer.text).toBe('[]');
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(answer.headers.get('link')).toBeNull();
});

describe('the list of schedulers', () => {
  const opened = fleet();

  /** 7 of billing, of which 3 failed; 5 of payments, of which 2 run; 1 removed; 1 seen over SQS only. */
  async function fleet() {
    const world = await openWorld({ consumer: true });
    const billing: string[] = [];
    const payments: string[] = [];
    for (let i = 0; i < 7; i += 1) billing.push(await newScheduler(world.call));
    for (let i = 0; i < 5; i += 1)
      payments.push(await newScheduler(world.call, { service_name: 'pay & co' }));
    const failed = billing.slice(0, 3);
    const running = payments.slice(0, 2);
    for (const id of failed) await apply(world.call, id, { status: 'failed', error_message: 'x' });
    for (const id of running) await apply(world.call, id, { status: 'running', metadata: { step: 1 } });
    const removed = await newScheduler(world.call);
    await world.call('DELETE', `/schedulers/${removed}`);
    const unregistered = newId();
    await sendToQueue(world.backend, {
      type: 'status',
      ...statusOf(unregistered, { service_name: 'adhoc', status: 'completed' }),
    });
    await until(
      'it is applied',
      async () => (await world.call('GET', `/schedulers/${unregistered}`)).status === 200,
    );
    const all = [...billing, ...payments, unregistered];
    return { world, billing, payments, failed, running, unregistered, all };
  }

  test('holds all that are not removed, in the order of their ids, when there is no limit', async () => {
    const { world, all } = await opened;
    const answer = await world.call('GET', '/schedulers');
    expect(idsOf(arrayOf(answer))).toEqual([...all].sort());
    expect(answer.headers.get('link')).toBeNull();
  });

  test('shows each as it is', async () => {
    const { world, running } = await opened;
    const [id] = running;
    const listed = arrayOf(await world.call('GET', '/schedulers')).find(
      ({ scheduler_id }) => scheduler_id === id,
    );
    expect(listed).toEqual(objectOf(await world.call('GET', `/schedulers/${id ?? ''}`)));
    expect(listed).toMatchObject({ status: 'running', service_name: 'pay & co', metadata: { step: 1 } });
  });

  test('filters by status, the default pending included', async () => {
    const { world, failed, running, billing, payments, unregistered } = await opened;
    const withStatus = async (status: string) =>
      idsOf(arrayOf(await world.call('GET', `/schedulers?status=${status}`)));
    expect(await withStatus('failed')).toEqual([...failed].sort());
    expect(await withStatus('running')).toEqual([...running].sort());
    expect(await withStatus('completed')).toEqual([unregistered]);
    expect(await withStatus('pending')).toEqual([...billing.slice(3), ...payments.slice(2)].sort());
  });

  test('filters by service', async () => {
    const { world, payments, unregistered } = await opened;
    const ofService = async (service: string) =>
      idsOf(arrayOf(await world.call('GET', `/schedulers?service=${service}`)));
    expect(await ofService('pay%20%26%20co')).toEqual([...payments].sort());
    expect(await ofService('adhoc')).toEqual([unregistered]);
    expect(await ofService('nobody')).toEqual([]);
    expect(await ofService('bill')).toEqual([]);
  });

  test('filters by both', async () => {
    const { world, running } = await opened;
    const path = '/schedulers?service=pay%20%26%20co&status=running';
    expect(idsOf(arrayOf(await world.call('GET', path)))).toEqual([...running].sort());
  });

  test.each([1, 2, 5, 12])(
    'in pages of %d links them to the end and shows every scheduler once',
    async (limit) => {
      const { world, all } = await opened;
      const pages = await pagesFrom(world, `/schedulers?limit=${limit}`);
      expect(pages.slice(0, -1).map((page) => page.length)).toEqual(pages.slice(0, -1).map(() => limit));
      expect(pages).toHaveLength(Math.ceil(13 / limit));
      expect(pages.flat().sort()).toEqual([...all].sort());
    },
  );

  test.each([13, 14, 1_000])('in one page of %d links none', async (limit) => {
    const { world, all } = await opened;
    const pages = await pagesFrom(world, `/schedulers?limit=${limit}`);
    expect(pages.map((page) => [...page].sort())).toEqual([[...all].sort()]);
  });

  test('keeps its filters from page to page', async () => {
    const { world, payments, failed } = await opened;
    const ofService = await pagesFrom(world, '/schedulers?service=pay%20%26%20co&limit=2');
    expect(ofService.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(ofService.flat().sort()).toEqual([...payments].sort());
    const withStatus = await pagesFrom(world, '/schedulers?limit=1&status=failed');
    expect(withStatus.flat().sort()).toEqual([...failed].sort());
  });

  test('stays a plain array when there are more pages', async () => {
    const { world } = await opened;
    const answer = await world.call('GET', '/schedulers?limit=2');
    expect(arrayOf(answer)).toHaveLength(2);
    expect(answer.headers.get('link')).toMatch(
      /^<\/api\/v1\/schedulers\?limit=2&cursor=[\w-]+>; rel="next"$/,
    );
  });

  const limitRule = 'limit: must be a whole number from 1 to 1000';
  const cursorRule = 'cursor: must be the cursor of a Link that this service gave';
  test.each([
    ['limit=0', limitRule],
    ['limit=1001', limitRule],
    ['limit=-1', limitRule],
    ['limit=1.5', limitRule],
    ['limit=ten', limitRule],
    ['limit=', limitRule],
    ['limit=99999999999999999999', limitRule],
    ['status=done', 'status: must be one of pending, running, completed, failed'],
    ['cursor=%25%25', cursorRule],
    ['cursor=', cursorRule],
    [`cursor=${cursorOf('x'.repeat(4_000))}`, cursorRule],
    [`cursor=${cursorOf('no id')}`, cursorRule],
    [`cursor=${cursorOf('\0')}`, cursorRule],
  ])('refuses %.60s', async (query, message) => {
    const { world } = await opened;
    const path = `/schedulers?${query}`;
    const answer = await world.call('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(errorOf(400, ['GET', path], [message]));
  });

  test('goes on behind a scheduler that has been removed since', async () => {
    const world = await openWorld();
    const ids = [];
    for (let i = 0; i < 4; i += 1) ids.push(await newScheduler(world.call));
    const first = await world.call('GET', '/schedulers?limit=2');
    const [, last] = idsOf(arrayOf(first));
    await world.call('DELETE', `/schedulers/${last ?? ''}`);
    const rest = await pagesFrom(world, nextOf(first) ?? '');
    expect([...idsOf(arrayOf(first)), ...rest.flat()].sort()).toEqual(ids.sort());
  });
});

describe('one scheduler', () => {
  test('that nobody knows is a 404', async () => {
    const { call } = await openWorld();
    const answer = await call('GET', '/schedulers/gone');
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(errorOf(404, ['GET', '/schedulers/gone'], 'Scheduler gone not found'));
  });

  test('is read by its id, encoded or not', async () => {
    const { call } = await openWorld();
    await call('POST', '/schedulers/register', registration('a:b.c_d-e'));
    expect(objectOf(await call('GET', '/schedulers/a:b.c_d-e'))['scheduler_id']).toBe('a:b.c_d-e');
    expect(objectOf(await call('GET', '/schedulers/a%3Ab.c_d-e'))['scheduler_id']).toBe('a:b.c_d-e');
    expect((await call('GET', '/schedulers/A:b.c_d-e')).status).toBe(404);
  });
});
