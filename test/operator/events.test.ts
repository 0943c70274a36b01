import { expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import type { RondaEvent } from '../../src/events/event.ts';
import { addEvents } from '../../src/operator/events/command.ts';
import { append } from '../../src/store/events/event-store.ts';
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
import { openBackend } from '../support/open.ts';
import { examplesIn, run, testCli } from './test-cli.ts';

const clock = createClock({ start: Date.parse(at('18:00:00.000')) });
const backend = await openBackend({ clock });

async function keep(...events: RondaEvent[]): Promise<void> {
  for (const event of events) await append(backend.store, recorded(event));
}

async function events(...argv: string[]) {
  const cli = testCli(backend);
  const code = await run(cli, addEvents, ['events', ...argv]);
  return { code, out: cli.out(), err: cli.err(), lines: cli.out().trimEnd().split('\n') };
}

const beats = (id: string, count: number): RondaEvent[] =>
  Array.from({ length: count }, (_, n) =>
    heartbeat({
      scheduler_id: id,
      occurred_at: at(
        `17:${String(n % 60).padStart(2, '0')}:00.${String(Math.floor(n / 60)).padStart(3, '0')}`,
      ),
      event_id: idOf(n),
    }),
  );
const timesIn = (lines: readonly string[]): string[] => lines.map((line) => line.slice(0, 24));

test('each event is a line with its time, type, acceptance, id and what it says, oldest first', async () => {
  const at5 = (n: number, more = {}) => ({
    scheduler_id: 'all-kinds',
    occurred_at: at(`17:0${n}:00.000`),
    event_id: idOf(n),
    ...more,
  });
  const failure = { status: 'failed', execution_time_ms: 754_000, error_message: 'disk\nfull' } as const;
  await keep(snooze(at5(5)), acknowledgement(at5(4)), removal(at5(6)), heartbeat(at5(2)));
  await keep(registration(at5(1, { owner_email: 'sari@example.com', heartbeat_timeout_minutes: 15 })));
  await append(
    backend.store,
    recorded(status(at5(3, { ...failure, metadata: '{"rows":1}' })), { accepted_at: at('17:05:05.000') }),
  );
  const { code, lines, err } = await events('all-kinds');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const id = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
  expect(lines).toEqual([
    'time                      event                 accepted      id                                    says',
    `2099-11-23T17:01:00.000Z  scheduler_registered  +0 ms         ${id(1)}  billing / close-day; owner sari@example.com; stale after 15 min`,
    `2099-11-23T17:02:00.000Z  heartbeat_received    +0 ms         ${id(2)}`,
    `2099-11-23T17:03:00.000Z  status_reported       +2 min        ${id(3)}  failed after 12 min; billing / close-day; error: disk\\u{a}full; {"rows":1}`,
    `2099-11-23T17:04:00.000Z  failure_acknowledged  +0 ms         ${id(4)}  by sari; failure 00000000-0000-4000-8000-000000000099`,
    `2099-11-23T17:05:00.000Z  alerts_snoozed        +0 ms         ${id(5)}  by sari; until 2099-11-23T20:00:00.000Z`,
    `2099-11-23T17:06:00.000Z  scheduler_removed     +0 ms         ${id(6)}`,
  ]);
});

test('as JSON each event is one line with its envelope, and metadata as it came', async () => {
  const event = status({ scheduler_id: 'json', metadata: '{"2":1,"1":0}' });
  await append(
    backend.store,
    recorded(event, { accepted_at: at('17:30:01.000'), correlation_id: 'night-7', sender: 'billing' }),
  );
  const { out } = await events('json', '--json');
  expect(out).toBe(
    '{"v":1,"scheduler_id":"json","occurred_at":"2099-11-23T17:30:00.000Z",' +
      '"event_id":"00000000-0000-4000-8000-000000000001","type":"status_reported","service_name":"billing",' +
      '"job_name":"close-day","status":"completed","execution_time_ms":null,"error_message":null,' +
      '"metadata":{"2":1,"1":0},"run_id":null,"business_date":null,"accepted_at":"2099-11-23T17:30:01.000Z","correlation_id":"night-7",' +
      '"sender":"billing"}\n',
  );
});

test('without more, the newest hundred are shown, and how many are not', async () => {
  await keep(...beats('many', 103));
  const { lines, err } = await events('many', '--json');
  expect(lines).toHaveLength(100);
  expect(err).toBe('3 older ones are not shown: --limit, --from or --all.\n');
  const times = lines.map((line) => /"occurred_at":"([^"]+)"/.exec(line)?.[1] ?? '');
  expect(times).toEqual(times.toSorted());
  expect([times[0], times.at(-1)]).toEqual([at('17:01:00.001'), at('17:59:00.000')]);
});

test.each([
  [
    ['--limit', '2'],
    [at('17:02:00.000'), at('17:03:00.000')],
  ],
  [
    ['--limit', '4'],
    [at('17:00:00.000'), at('17:01:00.000'), at('17:02:00.000'), at('17:03:00.000')],
  ],
  [
    ['--from', at('17:02:00.000')],
    [at('17:02:00.000'), at('17:03:00.000')],
  ],
  [['--from', at('17:02:00.001')], [at('17:03:00.000')]],
  [
    ['--to', at('17:01:00.000')],
    [at('17:00:00.000'), at('17:01:00.000')],
  ],
  [['--to', at('17:00:59.999')], [at('17:00:00.000')]],
  [
    ['--from', '2099-11-24T00:01:00+07:00', '--to', '2099-11-24T00:02:00+07:00'],
    [at('17:01:00.000'), at('17:02:00.000')],
  ],
])('%j is inclusive and takes the newest', async (argv, times) => {
  await keep(...beats('few', 4));
  const { lines } = await events('few', ...argv);
  expect(timesIn(lines.slice(1))).toEqual(times);
});

test('a time may be given as how long ago it is', async () => {
  await keep(...beats('ago', 4));
  expect(timesIn((await events('ago', '--from', '1h')).lines.slice(1))[0]).toBe(at('17:01:00.000'));
  expect((await events('ago', '--to', '2h')).err).toBe('No such event.\n');
});

test('types are named as services send them, and --all prints every event of them', async () => {
  await keep(
    ...beats('typed', 101),
    status({ scheduler_id: 'typed' }),
    removal({ scheduler_id: 'typed', event_id: idOf(300) }),
  );
  const { lines } = await events('typed', '--type', 'status', '--type', 'remove');
  expect(lines.slice(1).map((line) => line.slice(26, 46).trimEnd())).toEqual([
    'status_reported',
    'scheduler_removed',
  ]);
  expect((await events('typed', '--all', '--type', 'heartbeat')).lines).toHaveLength(102);
});

test('a scheduler without events makes the exit code 1; a range without events does not', async () => {
  expect(await events('nobody')).toMatchObject({
    code: 1,
    out: '',
    err: 'No event of a scheduler nobody.\n',
  });
  await keep(...beats('somebody', 1));
  expect(await events('somebody', '--type', 'snooze')).toMatchObject({
    code: 0,
    out: '',
    err: 'No such event.\n',
  });
});

test.each([
  [
    ['a b', '--from', 'noon', '--type', 'restart', '--limit', '0', '--all'],
    [
      'ID: must be',
      '--from: must be an ISO 8601',
      '--type: must be one of',
      '--limit: must be',
      '--all, --limit: only',
    ],
  ],
  [['x', '--from', '1h', '--to', '2h'], ['--from, --to: the first must not lie after the second']],
])('%j is bad usage, and all that is bad is named', async (argv, problems) => {
  const { code, out, err } = await events(...argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const problem of problems) expect(err).toContain(problem);
});

test('the help fits a screen, and its examples run', async () => {
  await keep(heartbeat({ scheduler_id: 'payroll' }));
  const { out, code } = await events('--help');
  expect(code).toBe(0);
  for (const argv of examplesIn(out)) expect(await run(testCli(backend), addEvents, argv)).toBe(0);
});
