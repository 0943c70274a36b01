import { expect, jest, test } from '@jest/globals';
import { pause } from '../../src/clock.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { readRows } from '../../src/store/projections/scheduler-rows.ts';
import { onNight, maxWaitMs, type SlackNight, type WorkspaceMessage } from '../chaos/slack-night.ts';
import { isEmpty } from '../support/queues.ts';
import { until } from '../support/until.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(600_000);

test.concurrent(
  'Slack answers nothing for 20 minutes and asks to wait for 5: alerts come once, with their times',
  // Two minutes of the night pass in a second.
  onNight({ at: '2026-11-24T01:30:00+07:00', speed: 120, env: { EOD_WINDOW: '00:00-12:00' } }, outage),
);

test.concurrent(
  'with 2,000 events unread nobody is called silent; once they are read, those who are',
  // A minute of the night passes in a second; ten are a time-out. Twelve hours outlast the slowest machine.
  onNight(
    {
      at: '2026-11-24T00:30:00+07:00',
      speed: 60,
      env: { STALE_AFTER_MINUTES: '10', STALE_CHECK_MINUTES: '1', EOD_WINDOW: '00:00-12:00' },
    },
    unread,
  ),
);

const jobs = Array.from({ length: 12 }, (_, n) => `job-${String(n + 1).padStart(2, '0')}`);
const boardKey = 'eod/2026-11-24/board/eod/2026-11-24/1';
/** An instant of the night in Jakarta, ms UTC. */
const wib = (time: string): number => Date.parse(`2026-11-24T${time}:00+07:00`);

function about(id: string, time: string) {
  return {
    scheduler_id: id,
    service_name: 'billing',
    job_name: id,
    timestamp: new Date(wib(time)).toISOString(),
  };
}

async function outage(night: SlackNight): Promise<void> {
  const { clock } = night;
  night.start(['ingress', 'consumer']);
  await night.report(
    ...jobs.map((id) => ({ type: 'register', ...about(id, '00:05') })),
    ...jobs.map((id) => ({ type: 'status', status: 'running', ...about(id, '00:30') })),
  );
  await night.known(jobs.length);
  night.start(['slack']);
  await until('the board is there', async () => (await boardsOf(night)).length === 1, {
    timeoutMs: maxWaitMs,
  });

  await night.fault({ method: '*', fault: 'hang' });
  const began = clock.now();
  const [before] = await boardsOf(night);
  const times = jobs.map((_, n) => {
    const minutes = Math.floor((began - wib('00:00')) / 60_000) + n - 20;
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  });
  await night.report(
    ...jobs.map((id, n) => ({
      ...{ type: 'status', status: 'failed', error_message: `${id} broke`, ...about(id, times[n] ?? '') },
    })),
  );
  // Ingestion notices nothing: all of it is known long before Slack answers again.
  await until('every failure is known', () => allFailed(night), { timeoutMs: maxWaitMs });
  await until('20 minutes of the night have passed', () => clock.now() >= began + 20 * 60_000, {
    timeoutMs: maxWaitMs,
  });
  expect((await night.messages()).map(({ key }) => key)).toEqual([boardKey]);
  await night.fault({ method: '*', fault: 'rate_limited', retry_after: 1 });
  await until('five more have', () => clock.now() >= began + 25 * 60_000, { timeoutMs: maxWaitMs });
  expect((await night.messages()).map(({ key }) => key)).toEqual([boardKey]);
  await night.fault();

  const delivered = await until(
    'every failure is told',
    async () => {
      const alerts = (await night.messages()).filter(({ key }) => /\/(alert|group)\//.test(key));
      return jobs.every((id) => saying(alerts, id).length > 0) ? alerts : undefined;
    },
    { timeoutMs: maxWaitMs },
  );
  expect(jobs.map((id) => saying(delivered, id).length)).toEqual(jobs.map(() => 1));
  expect(
    jobs.filter(
      (id, n) =>
        !saying(delivered, id)
          .join(' ')
          .includes(times[n] ?? ''),
    ),
  ).toEqual([]);

  const after = await until(
    'the board is drawn again',
    async () => {
      const [board] = await boardsOf(night);
      return (board?.edits ?? 0) > (before?.edits ?? 0) ? board : undefined;
    },
    { timeoutMs: maxWaitMs },
  );
  // What it said right after its first edit: later ones may follow at the slots.
  const versions = [...after.history.map(({ text }) => text), after.text];
  expect(versions[(before?.edits ?? 0) + 1]).toMatch(
    /: 12 failed, 0 stale, 0 running, 0 pending, 0 completed\./,
  );
  expect(await boardsOf(night)).toHaveLength(1);
}

async function boardsOf(night: SlackNight): Promise<WorkspaceMessage[]> {
  return (await night.messages()).filter(({ key }) => key.includes('/board/'));
}

async function allFailed({ backend }: SlackNight): Promise<boolean> {
  const rows = await readRows(backend.store, jobs);
  return jobs.every((id) => rows.get(id)?.state?.status?.status === 'failed');
}

/** The places in alerts that tell of a job: an alert of its own, or its line in a group. */
function saying(messages: readonly WorkspaceMessage[], id: string): string[] {
  return messages.flatMap((message) => {
    if (message.key.includes('/alert/')) return message.key.includes(`/${id}/`) ? [message.text] : [];
    // Not the menu of the group, which names whom one may choose.
    const shown = JSON.stringify(message.blocks ?? [], (name, value: unknown) =>
      name === 'options' ? undefined : value,
    );
    const lines = shown.split('\\n');
    return lines.filter((line) => line.includes(id));
  });
}

const names = { service_name: 'billing', job_name: 'Close the day' };
const silent = ['silent-1', 'silent-2'];
const alive = Array.from({ length: 18 }, (_, n) => `alive-${n}`);
const eventCount = 2_000;

async function unread(night: SlackNight): Promise<void> {
  const { clock, backend } = night;
  const now = (): string => new Date(clock.now()).toISOString();
  const started = [...silent, ...alive].map((scheduler_id) => ({
    ...{ type: 'status', scheduler_id, ...names, status: 'running', timestamp: now() },
  }));
  night.start(['ingress', 'slack']);
  const first = night.start(['consumer']);
  const timestamp = '2026-11-23T16:00:00Z';
  await night.report(
    ...started.map(({ scheduler_id }) => ({ type: 'register', scheduler_id, ...names, timestamp })),
    ...started,
  );
  await night.known(started.length);
  first.kill('SIGKILL');
  await first.ended;

  // Nobody reads: first signs of life, every job's but two, then much else.
  const publisher = createPublisher(backend.sqs.send, backend.queues.events.url);
  const send = (bodies: readonly object[]): Promise<unknown> =>
    Promise.all(bodies.map((body) => publisher.send({ body: JSON.stringify(body) })));
  const beats = (): object[] =>
    alive.map((scheduler_id) => ({ type: 'heartbeat', scheduler_id, timestamp: now() }));
  await send(beats());
  for (let sent = alive.length; sent < eventCount; sent += 500) {
    const timestamp = now();
    await send(
      Array.from({ length: 500 }, (_, n) => ({
        ...{ type: 'heartbeat', scheduler_id: `other-${n}`, timestamp },
      })),
    );
  }
  const unreadAt = clock.now();
  const beating = new AbortController();
  const heart = (async () => {
    while (!beating.signal.aborted) {
      await send(beats());
      await pause(3_000, beating.signal);
    }
  })();
  await until('12 minutes of the night have passed', () => clock.now() >= unreadAt + 12 * 60_000, {
    timeoutMs: maxWaitMs,
  });
  expect(await warned(night)).toEqual([]);

  night.start(['consumer']);
  await until(
    'all of it is read',
    async () => {
      expect(await warned(night)).toEqual([]);
      return await isEmpty(backend.sqs.send, backend.queues.events.url);
    },
    { timeoutMs: maxWaitMs, everyMs: 250 },
  );
  await until('the silent ones are warned of', async () => (await warned(night)).length >= 2, {
    timeoutMs: maxWaitMs,
  });
  // Another ten minutes: time for those who beat to be called silent, and for a second warning.
  const warnedAt = clock.now();
  await until('ten more have passed', () => clock.now() >= warnedAt + 10 * 60_000, { timeoutMs: maxWaitMs });
  expect(await warned(night)).toEqual(silent);
  beating.abort();
  await heart;
}

/** Who has been warned of, each as often as it was. */
async function warned(night: SlackNight): Promise<string[]> {
  const messages = await night.messages();
  return messages.flatMap(({ key }) => /\/stale\/([^/]+)\//.exec(key)?.[1] ?? []).sort();
}
