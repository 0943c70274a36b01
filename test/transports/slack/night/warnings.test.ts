import { describe, expect, test } from '@jest/globals';
import { utc } from '../../../../src/events/time.ts';
import { keyEventId } from '../../../../src/alerts/alert.ts';
import { handleNotice } from '../../../../src/watch/notice-consumer.ts';
import { alertKey, createAlert } from '../../../../src/store/alerts/alert-rows.ts';
import { acknowledgement, heartbeat, idOf, removal, snooze } from '../../../support/events.ts';
import { openWorld, pass, registers, reports, wib } from './world.ts';

const beat = (instant: number, n: number) =>
  heartbeat({ scheduler_id: 'payroll', occurred_at: utc(instant), event_id: idOf(n) });

/** A job that began at 01:00 and gave its last sign at 01:10 (its clock), warned of at 01:26. */
async function warned() {
  const world = await openWorld(wib('01:00:00'));
  await world.alive();
  const running = reports('payroll', 'running', '01:00:00');
  await world.happen(registers('payroll'), running, beat(wib('01:10:00'), 500));
  const replica = world.replica();
  await pass(world, 27, replica.round);
  const text = async (): Promise<string | undefined> => (await world.shown('/stale/'))[0]?.text;
  expect(await text()).toMatch(/^billing \/ payroll: no sign of life/);
  return { world, replica, text };
}

describe('a warning is closed', () => {
  test('by the first sign of life, not by the latest', async () => {
    const { world, replica, text } = await warned();
    await world.happen(beat(wib('01:27:00'), 501), beat(wib('01:29:00'), 502));
    world.at(wib('01:40:00'));
    await pass(world, 1, replica.round);
    expect(await text()).toBe('🟡 billing / payroll was silent, heard again at 01:27 WIB after 17 min');
  });

  test.each([
    ['completed', '✅ billing / payroll was silent, completed at 01:05 WIB'],
    ['failed', '❌ billing / payroll was silent, failed at 01:05 WIB'],
  ] as const)('by an end that is older than the last heartbeat (%s)', async (status, expected) => {
    const { world, replica, text } = await warned();
    await world.happen(reports('payroll', status, '01:05:00'));
    await pass(world, 1, replica.round);
    expect(await text()).toBe(expected);
  });

  test('by the removal of its job', async () => {
    const { world, replica, text } = await warned();
    await world.happen(
      removal({ scheduler_id: 'payroll', occurred_at: utc(wib('01:27:00')), event_id: idOf(503) }),
    );
    await pass(world, 1, replica.round);
    expect(await text()).toBe('➖ billing / payroll was silent, removed at 01:27 WIB');
  });
});

describe('a warning that is open', () => {
  test('can be acknowledged, and says by whom', async () => {
    const { world, replica, text } = await warned();
    const [row] = await world.shown('/stale/');
    const alert_key = row?.key.replace('eod/2099-11-24/', '') ?? '';
    expect(JSON.stringify(row?.blocks)).toContain(keyEventId({ scheduler_id: 'payroll', alert_key }));
    await world.happen(
      acknowledgement({
        scheduler_id: 'payroll',
        failure_event_id: keyEventId({ scheduler_id: 'payroll', alert_key }),
        by: 'sari (U0SARI)',
        occurred_at: utc(wib('01:27:00')),
        event_id: idOf(504),
      }),
    );
    await pass(world, 1, replica.round);
    expect(await text()).toMatch(/ \(acknowledged by sari\)$/);
  });

  test('says when its job’s alerts are snoozed', async () => {
    const { world, replica, text } = await warned();
    const until = utc(wib('02:30:00'));
    const fields = { occurred_at: utc(wib('01:27:00')), event_id: idOf(505) };
    await world.happen(snooze({ scheduler_id: 'payroll', until, ...fields }));
    await pass(world, 1, replica.round);
    expect(await text()).toMatch(/ \(snoozed until 02:30 WIB\)$/);
  });

  test('asks nothing of Slack or the tables while nothing changes', async () => {
    const { world, replica } = await warned();
    const before = await world.shown('/stale/');
    await pass(world, 5, replica.round);
    expect(await world.shown('/stale/')).toEqual(before);
    expect(before[0]?.edits).toBe(0);
  });
});

test('a job that nobody registered is shown as stale, and warned of to nobody', async () => {
  const world = await openWorld(wib('01:00:00'));
  await world.alive();
  await world.happen(reports('payroll', 'running', '01:00:00'));
  await pass(world, 30, world.replica().round);
  expect(await world.shown('/stale/')).toEqual([]);
  const [board] = await world.shown('board/');
  expect(board?.text).toContain('0 failed');
});

describe('an alert whose notice is lost', () => {
  /** A failure whose row was left, and nothing else: what is left of a notice that outlasted its queue. */
  async function undelivered() {
    const world = await openWorld(wib('02:00:00'));
    await world.alive();
    const failure = reports('payroll', 'failed', '01:59:00');
    await world.happen(registers('payroll'), failure);
    const key = alertKey(failure, 'eod/2099-11-24');
    await createAlert(world.store, failure, key, utc(world.clock.now()));
    return { world, key: { night: key.night, message_key: key.alert_key }, replica: world.replica() };
  }

  test('is delivered by the watch, once, after ten minutes', async () => {
    const { world, replica } = await undelivered();
    await pass(world, 10, replica.round);
    expect(await world.shown('/alert/')).toEqual([]);
    await pass(world, 3, replica.round);
    expect((await world.shown('/alert/')).map(({ text }) => text)).toEqual([
      'billing / payroll failed 01:59 WIB: disk full',
    ]);
  });

  test('and that was to join a group does so', async () => {
    const { world, key, replica } = await undelivered();
    const { table } = replica.context.slack;
    const group = { night: 'eod/2099-11-24', message_key: 'group/2099-11-23T18:59:00.000Z/0123456789ab' };
    await table.create({
      ...key,
      kind: 'alert',
      created_at: utc(wib('02:00:00')),
      details: { place: group },
    });
    await pass(world, 13, replica.round);
    expect((await world.shown('/group/')).map(({ text }) => text)).toEqual([
      '1 more job failed: billing / payroll',
    ]);
    expect(await handleNotice(replica.context, key)).toBe('done');
  });
});
