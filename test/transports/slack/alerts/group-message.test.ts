import { describe, expect, test } from '@jest/globals';
import { acknowledgement, at, idOf } from '../../../support/events.ts';
import { completed, control, fault, happen, openWorld, time } from './alert-world.ts';
import { calling, groupsIn, join, look, openFull } from './group-world.ts';

openWorld();

describe('the message of a group', () => {
  test('is one, and mentions each owner once, though two replicas post and edit it', async () => {
    const stage = await openFull();
    const { one, replica } = stage;
    const other = replica();
    await join(stage, 'six', 'U0BUDI');
    await join(stage, 'seven', 'U0BUDI');
    await Promise.all([one.watch(), other.watch()]);
    await join(stage, 'eight', 'U0SARI');
    await join(stage, 'nine', 'U0SARI');
    time.at += 2_000;
    await Promise.all([one.watch(), other.watch()]);
    for (const replica of [one, other]) await look(replica);
    const groups = await groupsIn(stage);
    // Who was mentioned in the thread is named in the message from then on.
    expect(groups[0]?.seen).toContain('<@U0BUDI> <@U0SARI>');
    expect(groups).toMatchObject([
      {
        text: '4 more jobs failed: billing / six, billing / seven, billing / eight, billing / nine',
        replies: [calling('U0SARI')],
      },
    ]);
  });

  test('mentions who joined while Slack had surely not taken it', async () => {
    const stage = await openFull();
    await join(stage, 'six', 'U0BUDI');
    await fault({ method: 'chat.postMessage', fault: 'rate_limited', retry_after: 5 });
    await expect(stage.one.watch()).rejects.toMatchObject({ code: 'SLACK_RATE_LIMITED' });
    await control('DELETE', 'faults');
    await join(stage, 'seven', 'U0SARI');
    time.at += 5_000;
    await look(stage.one);
    const [group] = await groupsIn(stage);
    expect(group).toMatchObject({ text: '2 more jobs failed: billing / six, billing / seven', replies: [] });
    expect(group?.seen).toContain('<@U0BUDI> <@U0SARI>');
  });

  test('that may be there already leaves who joins meanwhile to its thread', async () => {
    const stage = await openFull();
    await join(stage, 'six', 'U0BUDI');
    await fault({ method: 'chat.postMessage', fault: 'drop_answer', count: 1 });
    await fault({ method: 'conversations.history', fault: 'http_503' });
    await expect(stage.one.watch()).rejects.toMatchObject({ code: 'SLACK_AMBIGUOUS' });
    await control('DELETE', 'faults');
    await join(stage, 'seven', 'U0SARI');
    await look(stage.one);
    expect(await groupsIn(stage)).toMatchObject([
      { text: '2 more jobs failed: billing / six, billing / seven', replies: [calling('U0SARI')] },
    ]);
  });

  test('is posted after the channel that Slack refused is mended, with all who joined', async () => {
    const stage = await openFull();
    const { channel, one } = stage;
    await control('POST', 'channels', { id: channel, name: 'stage', archived: true });
    await join(stage, 'six', 'U0BUDI');
    await expect(one.watch()).rejects.toMatchObject({ code: 'SLACK_REFUSED', error: 'is_archived' });
    await join(stage, 'seven', 'U0SARI');
    await control('POST', 'channels', { id: channel, name: 'stage' });
    await look(one);
    const [group] = await groupsIn(stage);
    expect(group?.seen).toContain('<@U0BUDI> <@U0SARI>');
  });

  test('that somebody deleted stays away for a recovery, and comes back for the next failure', async () => {
    const stage = await openFull();
    const { channel, id, one } = stage;
    await join(stage, 'six', 'U0BUDI');
    await one.watch();
    const [deleted] = await groupsIn(stage);
    await control('DELETE', 'messages', { channel, ts: deleted?.ts });
    await happen(completed(id('six'), '18:55:00.000'));
    await look(one);
    await look(one);
    expect(await groupsIn(stage)).toEqual([]);
    await join(stage, 'seven', 'U0SARI');
    await look(one);
    const [group] = await groupsIn(stage);
    expect(group?.text).toBe('2 more jobs failed: 1 open, 1 over: billing / seven');
    expect(group?.seen).toContain('<@U0BUDI> <@U0SARI>');
  });

  test('shows who acknowledged and which jobs recovered', async () => {
    const stage = await openFull();
    const { id, one } = stage;
    for (const name of ['six', 'seven', 'eight']) await join(stage, name, 'U0BUDI');
    await one.watch();
    await happen(
      completed(id('six'), '18:55:00.000'),
      acknowledgement({
        ...{ scheduler_id: id('seven'), failure_event_id: idOf(40), by: 'rina' },
        ...{ occurred_at: at('18:50:00.000'), event_id: idOf(60) },
      }),
    );
    await look(one);
    const [group] = await groupsIn(stage);
    expect(group?.edits).toBe(1);
    expect(group?.seen).toContain(
      '❌ billing / eight · disk full · 01:40 WIB\n' +
        '👀 billing / seven · disk full · 01:40 WIB · acknowledged by rina\n' +
        '✅ billing / six · recovered 01:55 WIB',
    );
    expect(group?.seen).toContain('1 recovered, 1 acknowledged');
  });
});
