import { describe, expect, test } from '@jest/globals';
import {
  apply,
  arrayOf,
  clockAt,
  errorOf,
  newScheduler,
  newUuid,
  nextOf,
  openWorld,
  sendToQueue,
  statusOf,
  uuid,
  type World,
  newId,
} from './fixtures.ts';
import { until } from '../../support/until.ts';

const clock = clockAt('2026-11-23T18:00:00.000Z');
const { call, backend } = await openWorld({ consumer: true, clock });
const history = (id: string, query = '') => call('GET', `/schedulers/${id}/history${query}`);
const cursorOf = (key: string) => Buffer.from(key).toString('base64url');
const timesOf = (entries: readonly Record<string, unknown>[]) => entries.map(({ timestamp }) => timestamp);

/** Registered at 18:00, with a status at 17:00, 17:10, ... 17:50 and 18:01 ... 18:03. */
const night = (async () => {
  const id = await newScheduler(call);
  const times = [
    ...['17:00', '17:10', '17:20', '17:30', '17:40', '17:50'],
    ...['18:01', '18:02', '18:03'],
  ].map((time) => `2026-11-23T${time}:00.000Z`);
  const cycle = ['running', 'completed', 'failed'];
  for (const [index, timestamp] of times.entries()) {
    const status = cycle[index % 3];
    await apply(call, id, { status, timestamp, ...(status === 'failed' ? { error_message: 'x' } : {}) });
  }
  const newestFirst = [...times, '2026-11-23T18:00:00.000Z'].sort().reverse();
  return { id, newestFirst };
})();

describe('a history', () => {
  test('is newest first, with the initial pending in its place', async () => {
    const { id, newestFirst } = await night;
    const answer = await history(id);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(timesOf(arrayOf(answer))).toEqual(newestFirst);
    expect(arrayOf(answer).map(({ status }) => status)).toEqual([
      ...['failed', 'completed', 'running'],
      'pending',
      ...['failed', 'completed', 'running', 'failed', 'completed', 'running'],
    ]);
  });

  test('has entries of exactly these fields, null where there is no value', async () => {
    const id = await newScheduler(call);
    const event_id = newUuid();
    const timestamp = '2026-11-23T18:00:01.000Z';
    await apply(call, id, { status: 'running', timestamp, event_id });
    const bare = {
      scheduler_id: id,
      execution_time_ms: null,
      error_message: null,
      metadata: {},
      run_id: null,
      business_date: null,
    };
    expect((await history(id)).json).toEqual([
      { ...bare, id: event_id, status: 'running', timestamp },
      { ...bare, id: uuid, status: 'pending', timestamp: '2026-11-23T18:00:00.000Z' },
    ]);
  });

  test('of an unknown scheduler is a 404', async () => {
    const answer = await history('gone');
    expect(answer.json).toEqual(
      errorOf(404, ['GET', '/schedulers/gone/history'], 'Scheduler gone not found'),
    );
  });

  test('of a scheduler that only SQS knows has no initial pending', async () => {
    const id = newId();
    await sendToQueue(backend, {
      type: 'status',
      ...statusOf(id, { status: 'running', timestamp: '2026-11-23T17:00:00Z' }),
    });
    await until('the status is applied', async () => (await history(id)).status === 200);
    await until('its entry is there', async () => arrayOf(await history(id)).length > 0);
    expect(arrayOf(await history(id)).map(({ status }) => status)).toEqual(['running']);
  });
});

describe('the range of a history', () => {
  test('is inclusive at both ends, to the millisecond', async () => {
    const { id } = await night;
    const query = '?from=2026-11-23T17:10:00Z&to=2026-11-23T17:30:00Z';
    expect(timesOf(arrayOf(await history(id, query)))).toEqual([
      '2026-11-23T17:30:00.000Z',
      '2026-11-23T17:20:00.000Z',
      '2026-11-23T17:10:00.000Z',
    ]);
    const within = '?from=2026-11-23T17:10:00.001Z&to=2026-11-23T17:29:59.999Z';
    expect(timesOf(arrayOf(await history(id, within)))).toEqual(['2026-11-23T17:20:00.000Z']);
  });

  test('may be open on either side', async () => {
    const { id, newestFirst } = await night;
    expect(timesOf(arrayOf(await history(id, '?from=2026-11-23T18:00:00Z')))).toEqual(
      newestFirst.slice(0, 4),
    );
    expect(timesOf(arrayOf(await history(id, '?to=2026-11-23T18:00:00Z')))).toEqual(newestFirst.slice(3));
  });

  test('cuts the initial pending like any other entry', async () => {
    const { id } = await night;
    const pending = async (query: string) => arrayOf(await history(id, `${query}&status=pending`)).length;
    expect(await pending('?from=2026-11-23T18:00:00Z&to=2026-11-23T18:00:00Z')).toBe(1);
    expect(await pending('?from=2026-11-23T18:00:00.001Z')).toBe(0);
    expect(await pending('?to=2026-11-23T17:59:59.999Z')).toBe(0);
  });

  test('may be given in any offset', async () => {
    const { id } = await night;
    const query = '?from=2026-11-24T00:50:00+07:00&to=2026-11-23T18:00:00Z';
    expect(await history(id, query.replace('+', '%2B'))).toMatchObject({
      json: (await history(id, query)).json,
    });
    expect(timesOf(arrayOf(await history(id, query)))).toEqual([
      '2026-11-23T18:00:00.000Z',
      '2026-11-23T17:50:00.000Z',
    ]);
  });

  test.each([
    '?from=2026-11-23T18:00:00Z&to=2026-11-23T17:00:00Z',
    '?from=9999-12-31T23:59:59.999Z',
    '?to=0000-01-01T00:00:00Z',
  ])('may hold nothing: %s', async (query) => {
    const { id } = await night;
    const answer = await history(id, query);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('[]');
  });
});

test('a history filters by status', async () => {
  const { id } = await night;
  const answer = await history(id, '?status=failed');
  expect(timesOf(arrayOf(answer))).toEqual([
    '2026-11-23T18:03:00.000Z',
    '2026-11-23T17:50:00.000Z',
    '2026-11-23T17:20:00.000Z',
  ]);
});

describe('the pages of a history', () => {
  async function pagesFrom(world: Pick<World, 'call'>, path: string) {
    const pages: unknown[][] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const answer = await world.call('GET', next);
      expect(answer.status).toBe(200);
      pages.push(timesOf(arrayOf(answer)));
      next = nextOf(answer);
    }
    return pages;
  }

  test.each([1, 2, 3, 4, 7, 9])('of %d are linked to the end and hold every entry once', async (limit) => {
    const { id, newestFirst } = await night;
    const pages = await pagesFrom({ call }, `/schedulers/${id}/history?limit=${limit}`);
    expect(pages.flat()).toEqual(newestFirst);
    expect(pages).toHaveLength(Math.ceil(10 / limit));
  });

  test.each([10, 1_000])('of %d are one without a link', async (limit) => {
    const { id, newestFirst } = await night;
    expect(await pagesFrom({ call }, `/schedulers/${id}/history?limit=${limit}`)).toEqual([newestFirst]);
  });

  test('keep range and status', async () => {
    const { id } = await night;
    const path = `/schedulers/${id}/history?limit=1&status=running&from=2026-11-23T17:00:00Z&to=2026-11-23T18:00:00Z`;
    expect(await pagesFrom({ call }, path)).toEqual([
      ['2026-11-23T17:30:00.000Z'],
      ['2026-11-23T17:00:00.000Z'],
    ]);
  });

  test('are of 50 when no limit is given', async () => {
    const id = await newScheduler(call);
    const batch = Array.from({ length: 60 }, (_, i) => ({
      type: 'status',
      ...statusOf(id, {
        status: 'running',
        timestamp: new Date(Date.UTC(2026, 10, 23, 17, i)).toISOString(),
      }),
    }));
    await call('POST', '/events', batch);
    await until('all are applied', async () => arrayOf(await history(id, '?limit=1000')).length === 61);
    const pages = await pagesFrom({ call }, `/schedulers/${id}/history`);
    expect(pages.map((page) => page.length)).toEqual([50, 11]);
  });

  test('hold entries of one instant once each', async () => {
    const id = await newScheduler(call);
    const timestamp = '2026-11-23T18:00:00.000Z';
    const ids = [];
    for (let i = 0; i < 5; i += 1) {
      const event_id = newUuid();
      ids.push(event_id);
      await apply(call, id, { status: 'running', timestamp, event_id });
    }
    const seen: unknown[] = [];
    for (let next: string | undefined = `/schedulers/${id}/history?limit=1`; next !== undefined;) {
      const answer = await call('GET', next);
      seen.push(...arrayOf(answer).map((entry) => entry['id']));
      next = nextOf(answer);
    }
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  test('go on where they ended when newer entries have come since', async () => {
    const id = await newScheduler(call);
    for (const minute of ['01', '02', '03']) {
      await apply(call, id, { status: 'running', timestamp: `2026-11-23T18:${minute}:00.000Z` });
    }
    const first = await history(id, '?limit=2');
    await apply(call, id, { status: 'completed', timestamp: '2026-11-23T18:04:00.000Z' });
    const rest = await pagesFrom({ call }, nextOf(first) ?? '');
    expect(rest.flat()).toEqual(['2026-11-23T18:01:00.000Z', '2026-11-23T18:00:00.000Z']);
  });

  const limitRule = 'limit: must be a whole number from 1 to 1000';
  const timeRule = 'must be an ISO 8601 time with offset or Z, like 2026-11-23T17:30:00.000Z';
  const cursorRule = 'cursor: must be the cursor of a Link that this service gave';
  test.each([
    ['limit=0', limitRule],
    ['limit=1001', limitRule],
    ['limit=x', limitRule],
    ['from=2026-11-23', `from: ${timeRule}`],
    ['from=2026-11-23T17:00:00', `from: ${timeRule}`],
    ['to=now', `to: ${timeRule}`],
    ['to=', `to: ${timeRule}`],
    ['status=all', 'status: must be one of pending, running, completed, failed'],
    ['cursor=**', cursorRule],
    [`cursor=${cursorOf('x'.repeat(4_000))}`, cursorRule],
    [`cursor=${cursorOf('2026')}`, cursorRule],
  ])('refuse %.60s', async (query, message) => {
    const path = `/schedulers/gone/history?${query}`;
    const answer = await call('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(errorOf(400, ['GET', path], [message]));
  });
});

describe('the retention of a history', () => {
  test('hides entries older than 30 days, though the store holds them', async () => {
    const own = clockAt('2026-11-01T00:00:00.000Z');
    const world = await openWorld({ consumer: true, clock: own });
    const id = await newScheduler(world.call);
    for (const day of ['01', '02', '03']) {
      own.set(`2026-11-${day}T12:00:00.000Z`);
      await apply(world.call, id, { status: 'running', timestamp: `2026-11-${day}T12:00:00.000Z` });
    }
    const seen = async (query = '') =>
      timesOf(arrayOf(await world.call('GET', `/schedulers/${id}/history${query}`)));
    expect(await seen()).toHaveLength(4);
    own.set('2026-11-30T23:59:59.999Z');
    expect(await seen()).toHaveLength(4);
    own.set('2026-12-01T00:00:00.000Z');
    expect(await seen()).toEqual([
      '2026-11-03T12:00:00.000Z',
      '2026-11-02T12:00:00.000Z',
      '2026-11-01T12:00:00.000Z',
    ]);
    own.set('2026-12-02T12:00:00.000Z');
    expect(await seen()).toEqual(['2026-11-03T12:00:00.000Z']);
    expect(await seen('?from=2026-11-01T00:00:00Z')).toEqual(['2026-11-03T12:00:00.000Z']);
    expect(await seen('?limit=1')).toEqual(['2026-11-03T12:00:00.000Z']);
    own.set('2027-06-01T00:00:00.000Z');
    expect(await seen()).toEqual([]);
    expect((await world.call('GET', `/schedulers/${id}`)).json).toMatchObject({ status: 'running' });
  });

  test('hides a status that is too old already when it arrives', async () => {
    const id = await newScheduler(call);
    await apply(call, id, { status: 'running', timestamp: '2026-10-24T17:59:59.999Z' });
    expect(arrayOf(await history(id)).map(({ status }) => status)).toEqual(['pending']);
  });
});
