import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import type { NoticeKey } from '../../../../src/store/alerts/alert-rows.ts';
import { pinnedNight } from '../../../../src/store/alerts/pinned-night.ts';
import { tableOf } from '../../../../src/store/store.ts';
import { acknowledgement, at, heartbeat, idOf, status } from '../../../support/events.ts';
import {
  alertOf,
  completed,
  happen,
  openStage,
  openWorld,
  owned,
  rowOf,
  shared,
  time,
} from './alert-world.ts';
import { groupsIn, join, look, openFull } from './group-world.ts';

/** Alerts that were open when this version was deployed: the earlier one kept them in the rows of their messages. */

openWorld();

/** Makes of an alert what the earlier version would have left of it. */
async function leaveAsFormer(key: NoticeKey, scheduler_id: string, details: object = {}): Promise<void> {
  const { store } = shared().backend;
  const row = await rowOf(key);
  for (const alert_key of [key.message_key, `${key.message_key}#slack`])
    await store.client.send(
      new DeleteCommand({ TableName: tableOf(store, 'alerts'), Key: { night: key.night, alert_key } }),
    );
  const former = {
    ...{ ...key, kind: 'alert', created_at: at('18:40:01.000') },
    ...{ scheduler_id, occurred_at: at('18:40:00.000'), event_id: idOf(40) },
  };
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'messages'),
      Item: { ...row, ...former, details: { ...row?.details, ...details } },
    }),
  );
}

test('an alert that was posted goes on in its message, and is posted by nobody again', async () => {
  const { id, fail, replica, texts } = await openStage();
  const one = replica();
  const key = await fail('job');
  await one.handle(key);
  await leaveAsFormer(key, id('job'), { place: 'single', mention: null, late: false, duration: 60_000 });
  await one.watch();
  expect(await alertOf(key)).toMatchObject({ kind: 'failure', state: 'open', duration: 60_000 });
  expect(await texts()).toHaveLength(1);
  await happen(completed(id('job'), '19:15:00.000'));
  await Promise.all([one.watch(), replica().watch()]);
  await one.watch();
  expect((await texts())[0]).toBe(
    '✅ billing / close-day failed 01:40 WIB, recovered 02:15 WIB after 35 min: disk full',
  );
  expect(await alertOf(key)).toMatchObject({ state: 'over' });
});

test('an acknowledgement that the job’s row has forgotten stays', async () => {
  const { id, fail, replica } = await openStage();
  const key = await fail('job');
  await replica().handle(key);
  const acknowledged = { by: 'rina', at: Date.parse(at('18:50:00.000')) };
  await leaveAsFormer(key, id('job'), { acknowledged });
  await replica().watch();
  expect(await alertOf(key)).toMatchObject({
    progress: { acknowledged },
    transitions: [{ type: 'opened' }, { type: 'acknowledged', by: 'rina' }],
  });
});

test('an alert that was not posted is posted, when its notice comes or, if that is lost, by the watch', async () => {
  const { id, fail, replica, texts } = await openStage();
  const noticed = await fail('noticed', { job_name: 'noticed' });
  const lost = await fail('lost', { job_name: 'lost' });
  await leaveAsFormer(noticed, id('noticed'));
  await leaveAsFormer(lost, id('lost'));
  const one = replica();
  expect(await one.handle(noticed)).toBe('done');
  expect(await texts()).toEqual(['billing / noticed failed 01:40 WIB: disk full']);
  time.at += 11 * 60_000;
  await one.watch();
  await one.watch();
  expect(await texts()).toEqual([
    'billing / noticed failed 01:40 WIB: disk full',
    'billing / lost failed 01:40 WIB: disk full',
  ]);
});

test('a failure that is in a group shows there what becomes of it', async () => {
  const stage = await openFull();
  const { id, one } = stage;
  await join(stage, 'six', 'U0BUDI');
  await look(one);
  const key = {
    night: `${stage.board.name}/2099-11-24`,
    message_key: `alert/${id('six')}/${at('18:40:00.000')}#${idOf(40)}`,
  };
  await leaveAsFormer(key, id('six'));
  await look(one);
  const by = { scheduler_id: id('six'), failure_event_id: idOf(40), by: 'rina' };
  await happen(acknowledgement({ ...by, occurred_at: at('19:01:00.000'), event_id: idOf(60) }));
  await look(one);
  const [group] = await groupsIn(stage);
  expect(group?.seen.join('\n')).toContain('acknowledged by rina');
});

test('a warning of a stale job goes on, too', async () => {
  const { id, board, replica, texts } = await openStage();
  const job = { scheduler_id: id('job') };
  const begun = status({ ...job, status: 'running', occurred_at: at('18:00:00.000'), event_id: idOf(30) });
  await happen(owned(id('job'), { user: 'U0BUDI' }), begun);
  const { store } = shared().backend;
  const last_sign = { at: at('18:00:00.000'), id: idOf(30) };
  const key = {
    night: `${board.name}/2099-11-24`,
    message_key: `stale/${id('job')}/${last_sign.at}#${last_sign.id}`,
  };
  const one = replica();
  const { channel, ts } = await one.context.slack.messenger.publish(
    key,
    'stale',
    { text: 'billing / close-day: no sign of life', blocks: [] },
    { channel: board.channel, whenDeleted: 'drop' },
  );
  const details = { ...job, last_sign, timeout_ms: 600_000, running_since: last_sign.at, mention: 'U0BUDI' };
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'messages'),
      Item: { ...key, kind: 'stale', created_at: at('18:15:00.000'), channel, ts, rev: 1, details },
    }),
  );
  await one.watch();
  await happen(heartbeat({ ...job, occurred_at: at('18:55:00.000'), event_id: idOf(31) }));
  await one.watch();
  await one.watch();
  expect(await texts()).toEqual(['🟡 billing / close-day was silent, heard again at 01:55 WIB after 55 min']);
});

test('an alert stays in the night under which the earlier version pinned it', async () => {
  const { store } = shared().backend;
  const { id, board } = await openStage();
  const name = `alert/${id('job')}/x`;
  const created_at = at('18:40:00.000');
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'messages'),
      Item: {
        night: `night-of/${name}`,
        message_key: 'night',
        kind: 'night',
        created_at,
        details: { night: 'old/2099-11-23' },
      },
    }),
  );
  const wanted = { alert_key: name, night: `${board.name}/2099-11-24` };
  expect(await pinnedNight(store, wanted, created_at)).toEqual({ alert_key: name, night: 'old/2099-11-23' });
  expect(await pinnedNight(store, { ...wanted, night: 'new/2099-11-25' }, created_at)).toMatchObject({
    night: 'old/2099-11-23',
  });
});
