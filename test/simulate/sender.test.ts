import { afterEach, describe, expect, test } from '@jest/globals';
import { createClock, pause } from '../../src/clock.ts';
import { DependencyError, UsageError } from '../../src/errors.ts';
import { fleetNight, type FleetEvent, type Status } from '../../src/simulate/fleet.ts';
import { playFleet, type PlayOptions } from '../../src/simulate/sender.ts';
import { closedPort } from '../ingress/http/closed-port.ts';
import { until } from '../support/until.ts';
import { start } from './night.ts';
import { startStandIn, type StandIn } from './server.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function standIn(...given: Parameters<typeof startStandIn>): Promise<StandIn> {
  const server = await startStandIn(...given);
  stops.push(server.stop);
  return server;
}

const ok = { status: 200 } as const;
/** A night later than all of these events: everything is sent at once. */
const after = createClock({ start: start + 3_600_000 });

function status(scheduler_id: string, seconds: number, word: Status): FleetEvent {
  const report = { type: 'status', scheduler_id, service_name: 'ledger', job_name: 'Close day' } as const;
  return { at: start + seconds * 1_000, via: 'http', report: { ...report, status: word } };
}

function play(url: string, events: readonly FleetEvent[], options: Partial<PlayOptions> = {}) {
  return playFleet({ events, clock: after, url, apiKey: 'the-key', ...options });
}

const nothingSent = { register: 0, pending: 0, running: 0, completed: 0, failed: 0, heartbeat: 0 };

describe('an event', () => {
  test('goes to the endpoint of its kind, with the key and its own time', async () => {
    const server = await standIn(() => ok);
    const common = { scheduler_id: 'ledger-close', service_name: 'ledger', job_name: 'Close day' };
    const report = { ...common, owner_email: 'sari@example.com', alert_user_id: 'U0SARI' };
    await play(server.url, [
      {
        at: start,
        via: 'http',
        report: {
          type: 'register',
          ...report,
          heartbeat_timeout_minutes: undefined,
          expectation: undefined,
        },
      },
      status('ledger-close', 1, 'running'),
      { at: start + 2_000, via: 'http', report: { type: 'heartbeat', scheduler_id: 'ledger-close' } },
    ]);
    expect(server.seen).toEqual([
      {
        method: 'POST',
        path: '/schedulers/register',
        key: 'the-key',
        body: { type: 'register', ...report, timestamp: '2026-11-23T17:00:00.000Z' },
      },
      {
        method: 'PUT',
        path: '/schedulers/ledger-close/status',
        key: 'the-key',
        body: { type: 'status', ...common, status: 'running', timestamp: '2026-11-23T17:00:01.000Z' },
      },
      {
        method: 'POST',
        path: '/schedulers/ledger-close/heartbeat',
        key: 'the-key',
        body: { type: 'heartbeat', scheduler_id: 'ledger-close', timestamp: '2026-11-23T17:00:02.000Z' },
      },
    ]);
  });

  test('is sent when its time has come, and not before', async () => {
    const clock = createClock({ start: start - 60_000, speed: 600 });
    const early: string[] = [];
    const server = await standIn(({ body }) => {
      if (clock.now() < Date.parse(body.timestamp)) early.push(body.timestamp);
      return ok;
    });
    await play(server.url, [status('a', 0, 'running'), status('b', 60, 'running')], { clock });
    expect(early).toEqual([]);
    expect(server.seen).toHaveLength(2);
    expect(clock.now()).toBeGreaterThanOrEqual(start + 60_000);
  });

  test('that is past is sent at once', async () => {
    const server = await standIn(() => ok);
    const clock = createClock({ start: start + 21_600_000 });
    const tally = await play(server.url, fleetNight({ seed: 1, start }), { clock });
    expect(tally).toMatchObject({ retried: 0, refused: 0, unsent: 0, sent: { register: 40, completed: 33 } });
    expect(clock.now()).toBeLessThan(start + 21_600_000 + 20_000);
  });
});

describe('the events of one scheduler', () => {
  test('keep their order, whatever has to be tried again', async () => {
    const statuses: Status[] = ['pending', 'running', 'failed', 'running', 'completed'];
    const server = await standIn((_request, n) =>
      n % 3 === 1 ? { status: 503 } : n % 5 === 2 ? 'drop' : ok,
    );
    const tally = await play(
      server.url,
      statuses.map((word, n) => status('a', n, word)),
    );
    const order = server.seen.map(({ body }) => body.status);
    expect(order.filter((word, n) => word !== order[n - 1])).toEqual(statuses);
    expect(tally).toEqual({
      sent: { ...nothingSent, pending: 1, running: 2, failed: 1, completed: 1 },
      retried: server.seen.length - 5,
      refused: 0,
      reasons: [],
      unsent: 0,
    });
    expect(server.seen.length).toBeGreaterThan(6);
  });

  test('do not wait for those of another, and no more are under way than permitted', async () => {
    let underWay = 0;
    let most = 0;
    const server = await standIn(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await pause(20);
      underWay -= 1;
      return ok;
    });
    const events = Array.from({ length: 12 }, (_, n) => status(`job-${n}`, n, 'running'));
    await play(server.url, events, { concurrency: 3 });
    expect(most).toBe(3);
    expect(server.seen).toHaveLength(12);
  });
});

describe('a 429', () => {
  test('holds every event for as long as it says', async () => {
    const { real } = createClock();
    const arrivals: number[] = [];
    const server = await standIn((_request, n) => {
      arrivals.push(real());
      return n === 2 ? { status: 429, headers: { 'retry-after': '1' } } : ok;
    });
    const events = ['a', 'b', 'c', 'd'].map((id, n) => status(id, n, 'running'));
    const tally = await play(server.url, events, { concurrency: 1 });
    expect(server.seen.map(({ body }) => body.scheduler_id)).toEqual(['a', 'b', 'b', 'c', 'd']);
    expect((arrivals[2] ?? 0) - (arrivals[1] ?? 0)).toBeGreaterThanOrEqual(995);
    expect(tally).toMatchObject({ retried: 1, unsent: 0, sent: { running: 4 } });
  });

  test('is no outage: it may last longer than the longest outage', async () => {
    const server = await standIn((_request, n) =>
      n < 4 ? { status: 429, headers: { 'retry-after': '0' } } : ok,
    );
    const tally = await play(server.url, [status('a', 0, 'running')], { maxOutageMs: 0 });
    expect(tally).toMatchObject({ retried: 3, unsent: 0, sent: { running: 1 } });
  });
});

test.each([429, 503])('a %d that asks to be asked again at once is not', async (code) => {
  const { monotonic } = createClock();
  const arrivals: number[] = [];
  const server = await standIn((_request, n) => {
    arrivals.push(monotonic());
    return n < 3 ? { status: code, headers: { 'retry-after': '0' } } : ok;
  });
  await play(server.url, [status('a', 0, 'running')]);
  const [first = 0, second = 0, third = 0] = arrivals;
  expect(second - first).toBeGreaterThanOrEqual(195);
  expect(third - second).toBeGreaterThanOrEqual(195);
});

describe('a refusal', () => {
  test('is counted with its reason, and the play goes on', async () => {
    const body = { message: ['job_name: is required', 'status: is required'] };
    const server = await standIn(({ body: { scheduler_id } }) =>
      scheduler_id === 'a' ? { status: 400, body } : ok,
    );
    const tally = await play(server.url, [status('a', 0, 'running'), status('b', 1, 'running')]);
    expect(tally).toEqual({
      sent: { ...nothingSent, running: 1 },
      retried: 0,
      refused: 1,
      reasons: ['PUT /schedulers/a/status: 400 job_name: is required; status: is required'],
      unsent: 0,
    });
  });

  test('is reported at most five times', async () => {
    const server = await standIn(() => ({ status: 404, body: { message: 'not found' } }));
    const events = Array.from({ length: 7 }, (_, n) => status(`job-${n}`, n, 'running'));
    const tally = await play(server.url, events, { concurrency: 1 });
    expect(tally.refused).toBe(7);
    expect(tally.reasons).toEqual(
      [0, 1, 2, 3, 4].map((n) => `PUT /schedulers/job-${n}/status: 404 not found`),
    );
  });
});

describe('the play', () => {
  test('ends with a UsageError when the key is not accepted', async () => {
    const server = await standIn(() => ({ status: 401, body: { message: 'Invalid API key' } }));
    const events = Array.from({ length: 50 }, (_, n) => status(`job-${n}`, n, 'running'));
    const played = play(server.url, events, { concurrency: 2 });
    await expect(played).rejects.toThrow(UsageError);
    await expect(played).rejects.toThrow(`${server.url} does not accept the API key: Invalid API key`);
    expect(server.seen.length).toBeLessThan(10);
  });

  test('ends with a DependencyError when an outage is longer than allowed', async () => {
    const server = await standIn(() => ({ status: 503, body: { message: 'The queue is away' } }));
    const played = play(server.url, [status('a', 0, 'running')], { maxOutageMs: 300 });
    await expect(played).rejects.toThrow(DependencyError);
    await expect(played).rejects.toThrow(`${server.url}: 503 The queue is away`);
    expect(server.seen.length).toBeGreaterThan(1);
  });

  test('ends with a DependencyError that says why nobody can be reached', async () => {
    const port = await closedPort();
    const played = play(`http://127.0.0.1:${port}`, [status('a', 0, 'running')], { maxOutageMs: 0 });
    await expect(played).rejects.toThrow(DependencyError);
    await expect(played).rejects.toThrow(/ECONNREFUSED/);
  });

  test('ends when it is told to, and says how much was not sent', async () => {
    const stop = new AbortController();
    const server = await standIn(() => ok);
    const events = [status('a', 0, 'running'), status('a', 10 * 3_600, 'completed')];
    const played = play(server.url, events, { signal: stop.signal });
    await until('the first event is sent', () => server.seen.length === 1);
    stop.abort();
    const { unsent, refused } = await played;
    // The answer to the first may come too late to count.
    expect([1, 2]).toContain(unsent);
    expect(refused).toBe(0);
    expect(server.seen).toHaveLength(1);
  });

  test('ends within an outage when it is told to', async () => {
    const stop = new AbortController();
    const server = await standIn(() => ({ status: 503, headers: { 'retry-after': '600' } }));
    const played = play(server.url, [status('a', 0, 'running')], { signal: stop.signal });
    await until('the event is tried', () => server.seen.length === 1);
    stop.abort();
    expect(await played).toMatchObject({ sent: nothingSent, unsent: 1 });
  });

  test('reports every change', async () => {
    const server = await standIn((_request, n) => (n === 1 ? 'drop' : ok));
    const tallies: number[][] = [];
    await play(server.url, [status('a', 0, 'running'), status('a', 1, 'completed')], {
      report: ({ sent, retried, unsent }) => tallies.push([retried, sent.running, sent.completed, unsent]),
    });
    expect(tallies).toEqual([
      [1, 0, 0, 2],
      [1, 1, 0, 1],
      [1, 1, 1, 0],
    ]);
  });
});
