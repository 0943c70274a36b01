import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeliveryError, type Transport } from '../../../src/alerts/transport.ts';
import { createClock } from '../../../src/clock.ts';
import { addAlerts } from '../../../src/operator/alerts/command.ts';
import { alertTable, deliveryKey, deliveryTable } from '../../../src/store/alerts/alert-rows.ts';
import { stateTable } from '../../../src/store/state/state-rows.ts';
import { at, idOf } from '../../support/events.ts';
import { createBackend, type TestBackend } from '../../support/harness.ts';
import { examplesIn, run, testCli } from '../test-cli.ts';

const clock = createClock({}, () => Date.parse(at('19:00:00.000')));
let backend: TestBackend;
beforeAll(async () => {
  backend = await createBackend({ clock });
  const { store } = backend;
  const alert = {
    ...({
      night: 'eod/2099-11-24',
      alert_key: 'alert/payroll/x#y',
      kind: 'failure',
      scheduler_id: 'payroll',
    } as const),
    ...({
      occurred_at: at('18:40:00.000'),
      event_id: idOf(40),
      service_name: 'billing',
      state: 'open',
    } as const),
    created_at: at('18:40:01.000'),
    transitions: [
      { type: 'opened' as const, at: at('18:40:01.000') },
      { type: 'acknowledged' as const, at: at('18:50:00.000'), by: 'rina' },
    ],
  };
  await alertTable(store).create(alert);
  await alertTable(store).create({
    ...alert,
    ...{ alert_key: 'alert/stray/x#y', scheduler_id: 'stray', state: 'suppressed' },
    ...{ suppressed_because: 'unregistered', transitions: [] },
  });
  const deliveries = deliveryTable(store);
  for (const [transport, more] of [
    ['slack', { delivered: 2 }],
    ['webhook:away', { attempts: 3, problem: 'HTTP 503', next_at: clock.real() + 8_000 }],
    ['webhook:ops', { attempts: 40, problem: 'HTTP 500', failed: true }],
  ] as const)
    await deliveries.create({
      ...deliveryKey(alert, transport),
      kind: 'delivery',
      transport,
      created_at: alert.created_at,
      ...more,
    });
});
afterAll(() => {
  backend.close();
});

const key = 'eod/2099-11-24/alert/payroll/x#y';

class Refused extends DeliveryError {
  readonly code = 'REFUSED';
}
let answer: string | Error = 'HTTP 204: noted';
const ops: Transport = {
  name: 'webhook:ops',
  reconciles: false,
  address: 'here',
  deliver: () => Promise.resolve('delivered'),
  test: () => (typeof answer === 'string' ? Promise.resolve(answer) : Promise.reject(answer)),
};

async function ronda(...argv: string[]) {
  const cli = testCli(backend, { transports: [ops] });
  const code = await run(cli, addAlerts, ['alerts', ...argv]);
  return { code, out: cli.out(), err: cli.err() };
}

describe('ronda alerts list', () => {
  test('prints each alert of the night with what became of it where', async () => {
    expect(await ronda('list')).toEqual({
      code: 0,
      err: '',
      out: [
        key,
        '  billing / payroll: failure, open, acknowledged 2099-11-23T18:50:00.000Z by rina',
        '  slack: 2 of 2 delivered',
        '  webhook:away: 0 of 2 delivered, tried 3 times, again in 8 s: HTTP 503',
        '  webhook:ops: 0 of 2 delivered, not tried again: HTTP 500',
        'eod/2099-11-24/alert/stray/x#y',
        '  billing / stray: failure, nobody is told: unregistered',
        '',
      ].join('\n'),
    });
  });

  test('says when there is none, and what is wrong with what was asked', async () => {
    expect(await ronda('list', '--night', '2099-01-01')).toMatchObject({
      code: 0,
      out: '',
      err: 'There is no alert.\n',
    });
    expect(await ronda('list', '--night', 'today')).toMatchObject({
      code: 2,
      err: 'ronda: --night: must be the date on which it starts, like 2026-11-23\n',
    });
    expect(await ronda('list', '--board', 'x')).toMatchObject({
      code: 2,
      err: 'ronda: --board: must be one of eod\n',
    });
  });

  test('speaks to machines a line for each', async () => {
    const { out } = await ronda('list', '--night', '2099-11-24', '--board', 'eod', '--json');
    const [first] = out.split('\n').map((line): unknown => JSON.parse(line || 'null'));
    expect(first).toMatchObject({
      ...{ key, kind: 'failure', severity: 'error', state: 'open' },
      transitions: [{ type: 'opened' }, { type: 'acknowledged', by: 'rina' }],
      deliveries: [
        { transport: 'slack', delivered: 2, next_try_at: null },
        { transport: 'webhook:away', attempts: 3, next_try_at: at('19:00:08.000') },
        { transport: 'webhook:ops', failed: true, problem: 'HTTP 500', next_try_at: null },
      ],
    });
  });
});

describe('ronda alerts test', () => {
  test('says what came back, and turns on what was turned off', async () => {
    const table = stateTable(backend.store);
    await table.create({
      key: 'transport/webhook:ops',
      created_at: at('18:00:00.000'),
      details: { off: 'HTTP 410', address: 'here' },
    });
    answer = new Refused('HTTP 410');
    expect(await ronda('test', 'webhook:ops')).toMatchObject({
      code: 1,
      out: 'webhook:ops did not take the test alert: HTTP 410\n',
    });
    expect((await table.read({ key: 'transport/webhook:ops' }))?.details).toMatchObject({ off: 'HTTP 410' });
    answer = 'HTTP 204: noted';
    expect(await ronda('test', 'webhook:ops')).toMatchObject({
      code: 0,
      out: 'webhook:ops took the test alert: HTTP 204: noted\n',
    });
    expect((await table.read({ key: 'transport/webhook:ops' }))?.details).toMatchObject({ off: null });
    const { out } = await ronda('test', 'webhook:ops', '--json');
    expect(JSON.parse(out)).toEqual({ transport: 'webhook:ops', taken: true, answer });
  });

  test('of what is not set up says what is', async () => {
    expect(await ronda('test', 'pagerduty:x')).toMatchObject({
      code: 2,
      err: 'ronda: pagerduty:x is not set up. These are: webhook:ops\n',
    });
  });
});

describe('ronda alerts resend', () => {
  const delivery = (transport: string) =>
    deliveryTable(backend.store).read({
      night: 'eod/2099-11-24',
      alert_key: `alert/payroll/x#y#${transport}`,
    });

  test('lets what was given up be tried again at once, and leaves the rest', async () => {
    expect(await ronda('resend', '--failed')).toMatchObject({
      code: 0,
      out: `${key} is delivered again to webhook:ops\n`,
    });
    expect(await delivery('webhook:ops')).toMatchObject({
      failed: false,
      attempts: 0,
      next_at: 0,
      tried_since: null,
    });
    expect(await delivery('webhook:away')).toMatchObject({ attempts: 3 });
    expect(await ronda('resend', '--failed')).toMatchObject({
      code: 1,
      err: 'There is nothing to deliver again.\n',
    });
  });

  test('delivers one alert by one transport from its beginning', async () => {
    expect(await ronda('resend', key, '--to', 'slack', '--json')).toMatchObject({
      code: 0,
      out: `${JSON.stringify({ alert: key, transport: 'slack' })}\n`,
    });
    expect(await delivery('slack')).toMatchObject({ delivered: 0 });
  });

  test('says what is wrong with what was asked', async () => {
    expect(await ronda('resend')).toMatchObject({
      code: 2,
      err: 'ronda: name one alert, or give --failed\n',
    });
    expect(await ronda('resend', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"ronda alerts list" prints them'),
    });
    expect(await ronda('resend', 'eod/2099-11-24/alert/none')).toMatchObject({
      code: 2,
      err: 'ronda: there is no alert eod/2099-11-24/alert/none\n',
    });
  });
});

test.each(['list', 'test', 'resend'])('the examples in the help of %s can be run', async (command) => {
  for (const [, , ...words] of examplesIn((await ronda(command, '--help')).out)) {
    expect((await ronda(command, ...words)).err).not.toMatch(/unknown|error:|argument/);
  }
});
