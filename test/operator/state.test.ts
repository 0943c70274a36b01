import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../../src/clock.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { addState } from '../../src/operator/state/command.ts';
import { append } from '../../src/store/events/event-store.ts';
import { record } from '../../src/store/projections/record.ts';
import { tableOf } from '../../src/store/store.ts';
import { stream } from '../support/arbitraries.ts';
import {
  acknowledgement,
  at,
  heartbeat,
  idOf,
  recorded,
  registration,
  removal,
  snooze,
  status,
} from '../support/events.ts';
import { startIngress } from '../support/harness.ts';
import { atTheEnd, openBackend } from '../support/open.ts';
import { plainView } from './plain-view.ts';
import { examplesIn, run, testCli } from './test-cli.ts';

const clock = createClock({ start: Date.parse(at('18:00:00.000')) });
const backend = await openBackend({ clock });
const ingress = await startIngress(backend);
atTheEnd(ingress.stop);

async function keep(...events: RondaEvent[]): Promise<void> {
  for (const outcome of await record(
    backend.store,
    events.map((event) => recorded(event)),
  )) {
    expect(outcome.ok).toBe(true);
  }
}

async function state(...argv: string[]) {
  const cli = testCli(backend);
  const code = await run(cli, addState, ['state', ...argv]);
  return { code, out: cli.out(), err: cli.err() };
}

/** A job that failed at 17:20 and was acknowledged; registered at 17:00, last heard at 17:25. */
async function failing(scheduler_id: string): Promise<void> {
  const failed = { status: 'failed', error_message: 'disk full', execution_time_ms: 600_000 } as const;
  await keep(
    registration({ scheduler_id, occurred_at: at('17:00:00.000'), owner_email: 'sari@example.com' }),
    status({ scheduler_id, occurred_at: at('17:10:00.000'), event_id: idOf(2), status: 'running' }),
    status({
      scheduler_id,
      occurred_at: at('17:20:00.000'),
      event_id: idOf(3),
      metadata: '{"2":1,"1":0}',
      ...failed,
    }),
    acknowledgement({
      scheduler_id,
      occurred_at: at('17:22:00.000'),
      event_id: idOf(4),
      failure_event_id: idOf(3),
    }),
    heartbeat({ scheduler_id, occurred_at: at('17:25:00.000'), event_id: idOf(5) }),
    snooze({ scheduler_id, occurred_at: at('17:26:00.000'), event_id: idOf(6) }),
  );
}

test('a scheduler is shown field by field, each with the event that decides it', async () => {
  await failing('shown');
  const { code, out } = await state('shown');
  expect(code).toBe(0);
  const by = (time: string, n: number): string =>
    `2099-11-23T${time}:00.000Z#00000000-0000-4000-8000-00000000000${n}`;
  const none = '-'.padEnd(61);
  expect(out.split('\n')).toEqual([
    `field                      ${'decided by'.padEnd(61)}  value`,
    `scheduler_id               ${none}  shown`,
    `service_name               ${by('17:00', 1)}  billing`,
    `job_name                   ${by('17:00', 1)}  close-day`,
    `status                     ${by('17:20', 3)}  failed`,
    `timestamp                  ${by('17:20', 3)}  2099-11-23T17:20:00.000Z`,
    `created_at                 ${by('17:00', 1)}  2099-11-23T17:00:00.000Z`,
    `updated_at                 ${by('17:20', 3)}  2099-11-23T17:20:00.000Z`,
    `registered                 ${by('17:00', 1)}  true`,
    `last_heartbeat             ${by('17:25', 5)}  2099-11-23T17:25:00.000Z`,
    `execution_time_ms          ${by('17:20', 3)}  600000`,
    `error_message              ${by('17:20', 3)}  disk full`,
    `metadata                   ${by('17:20', 3)}  {"2":1,"1":0}`,
    `owner_email                ${by('17:00', 1)}  sari@example.com`,
    `alert_user_id              ${none}  -`,
    `heartbeat_timeout_minutes  ${none}  -`,
    `expectation                ${none}  -`,
    `acknowledged_by            ${by('17:22', 4)}  sari`,
    `snoozed_until              ${by('17:26', 6)}  2099-11-23T20:00:00.000Z`,
    '',
  ]);
});

test('as JSON it is what GET answers, now and as of every instant at which something happened', async () => {
  await failing('compared');
  await keep(removal({ scheduler_id: 'compared', occurred_at: at('17:30:00.000'), event_id: idOf(7) }));
  await keep(registration({ scheduler_id: 'compared', occurred_at: at('17:40:00.000'), event_id: idOf(8) }));
  const now = await state('compared', '--json');
  expect(now.out).toBe(`${(await ingress.call('GET', '/schedulers/compared')).text}\n`);
  const answers: number[] = [];
  for (const minute of [0, 10, 20, 22, 25, 26, 30, 40]) {
    for (const offset of [-1, 0, 1]) {
      const time = new Date(Date.parse(at('17:00:00.000')) + minute * 60_000 + offset).toISOString();
      const { status, text } = await ingress.call('GET', `/schedulers/compared?as_of=${time}`);
      const { code, out } = await state('compared', '--json', '--as-of', time);
      expect({ time, code, out }).toEqual(
        status === 200 ? { time, code: 0, out: `${text}\n` } : { time, code: 1, out: '' },
      );
      answers.push(status);
    }
  }
  expect(answers.filter((status) => status === 404)).toHaveLength(4);
});

test('for any events and any time, it is what those up to that time leave when each overwrites the last', async () => {
  let n = 0;
  const instants = [
    '16:59:59.999',
    '17:00:00.000',
    '17:00:00.500',
    '17:00:00.999',
    '17:00:01.000',
    '17:02:00.000',
  ];
  await fc.assert(
    fc.asyncProperty(stream, fc.constantFrom(...instants), async (events, time) => {
      n += 1;
      const scheduler_id = `random-${n}`;
      const own = events.map(({ event, envelope }) => ({ event: { ...event, scheduler_id }, envelope }));
      for (const one of own) await append(backend.store, one);
      const past = own.filter(({ event }) => event.occurred_at <= at(time));
      const { code, out } = await state(scheduler_id, '--json', '--as-of', at(time));
      const expected = plainView(past);
      const view: unknown = out === '' ? undefined : JSON.parse(out);
      expect({ code, view }).toEqual({
        code: expected === undefined ? 1 : 0,
        view: expected,
      });
    }),
    { numRuns: 60 },
  );
});

test('a time before the retention of statuses is refused, as GET refuses it', async () => {
  await failing('forgotten');
  const retained = Date.parse(at('18:00:00.000')) - 400 * 86_400_000;
  const { code, err } = await state('forgotten', '--as-of', new Date(retained).toISOString());
  expect(code).toBe(2);
  expect(err).toContain('lies before the retention of statuses, so nothing true can be said of it');
  expect((await state('forgotten', '--as-of', new Date(retained + 600_000).toISOString())).code).toBe(1);
});

test('a scheduler that is unknown, or removed, makes the exit code 1', async () => {
  expect(await state('nobody')).toEqual({ code: 1, out: '', err: 'Scheduler nobody not found.\n' });
  expect(await state('nobody', '--as-of', at('17:00:00.000'))).toEqual({
    code: 1,
    out: '',
    err: 'There was no scheduler nobody at 2099-11-23T17:00:00.000Z.\n',
  });
  await keep(
    registration({ scheduler_id: 'gone' }),
    removal({ scheduler_id: 'gone', occurred_at: at('17:31:00.000') }),
  );
  expect((await state('gone')).code).toBe(1);
});

test('a row that cannot be read is not guessed at, and it is said what mends it', async () => {
  await backend.store.client.send(
    new PutCommand({
      TableName: tableOf(backend.store, 'schedulers'),
      Item: { scheduler_id: 'damaged', version: 1, rev: 1, registration: 'nonsense' },
    }),
  );
  expect(await state('damaged')).toEqual({
    code: 1,
    out: '',
    err: 'The row of damaged cannot be read. "ronda replay --scheduler damaged" makes it anew.\n',
  });
});

test.each([
  [[], 'name one scheduler, or give --all'],
  [['a', '--all'], 'name one scheduler, or give --all'],
  [['a b', '--as-of', 'noon'], '--as-of: must be an ISO 8601 time with offset or Z, or how long ago'],
])('%j is bad usage', async (argv, problem) => {
  const { code, out, err } = await state(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(problem);
});

test('the help fits a screen, and its examples run', async () => {
  await keep(registration({ scheduler_id: 'payroll', occurred_at: at('15:00:00.000') }));
  const { code, out } = await state('--help');
  expect(code).toBe(0);
  for (const argv of examplesIn(out)) expect(await run(testCli(backend), addState, argv)).toBe(0);
});
