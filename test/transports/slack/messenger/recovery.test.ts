import { describe, expect, test } from '@jest/globals';
import {
  AmbiguousError,
  RateLimitedError,
  RefusedError,
} from '../../../../src/transports/slack/slack-errors.ts';
import { content, key, midnight, options, stage, type Stage } from './fixtures.ts';

const post = { channel: 'C0RONDA', key: 'eod/2026-11-23/alert/payroll/1', text: 'disk full' };
const lease = { owner: 'gone', at: midnight, until: midnight + 60_000 };
const timedOut = new AmbiguousError('chat.postMessage', 'timed out');
const leased = { channel: 'C0RONDA', claim: lease };

const publish = async ({ messenger }: Stage, owner = 'one') =>
  await messenger(owner).publish(key, 'alert', content('disk full'), options);

describe('a lease', () => {
  test('is respected until it ends, to the millisecond', async () => {
    const scene = stage();
    scene.leave(leased);
    scene.time.at = midnight + 59_999;
    expect((await publish(scene)).state).toBe('busy');
    scene.time.at = midnight + 60_000;
    expect((await publish(scene)).state).toBe('posted');
  });

  test('that ended without a message: two looks, 5 s apart, then the post', async () => {
    const scene = stage();
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    await publish(scene);
    expect(scene.slack.calls).toEqual(['authTest', 'history', 'history', 'turn', 'post']);
    expect(scene.pauses).toEqual([5_000]);
    expect(scene.row()).toMatchObject({ unsure_since: midnight, recheck_at: midnight + 125_000 });
  });

  test('that ended after the post: the message is found, however deep in the history, and kept', async () => {
    const scene = stage();
    const ts = scene.slack.land(post);
    for (const n of [1, 2, 3, 4, 5]) scene.slack.land({ ...post, key: `other/${n}` });
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    expect(await publish(scene)).toEqual({ state: 'adopted', channel: 'C0RONDA', ts });
    expect(scene.slack.messages.filter((message) => message.key === post.key)).toHaveLength(1);
    expect(scene.row()).toMatchObject({ ts, posted_real: midnight, recheck_at: midnight + 120_000 });
  });

  test('that ended: messages since a minute before it count, older ones do not', async () => {
    const scene = stage();
    scene.time.at = midnight - 61_000;
    scene.slack.land(post);
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    expect((await publish(scene)).state).toBe('posted');
  });

  test('that ended: another app’s message with the same key is not ours', async () => {
    const scene = stage();
    scene.slack.land(post, 'U0STAGING');
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    expect((await publish(scene)).state).toBe('posted');
  });

  test('that ended in a thread: the replies are looked through', async () => {
    const scene = stage();
    const ts = scene.slack.land({ ...post, threadTs: '1795453000.000001' });
    scene.leave({ ...leased, thread_ts: '1795453000.000001' });
    scene.time.at = midnight + 60_000;
    const published = await scene
      .messenger()
      .publish(key, 'part', content('rows'), { ...options, threadTs: '1795453000.000001' });
    expect(published).toEqual({ state: 'adopted', channel: 'C0RONDA', ts });
    expect(scene.slack.calls).not.toContain('history');
  });

  test('that ended in a thread that is gone: the message is posted', async () => {
    const scene = stage();
    scene.leave({ ...leased, thread_ts: '1.000001' });
    scene.time.at = midnight + 60_000;
    const gone = new RefusedError('conversations.replies', 'thread_not_found');
    scene.slack.fail('replies', gone);
    scene.slack.fail('replies', gone);
    const published = await scene
      .messenger()
      .publish(key, 'part', content('rows'), { ...options, threadTs: '2.000001' });
    expect(published.state).toBe('posted');
    expect(scene.slack.messages).toMatchObject([{ threadTs: '2.000001' }]);
  });

  test('that ended during an edit: it is made again, even if the row says that it was', async () => {
    const scene = stage();
    await publish(scene);
    const { ts = '' } = scene.row() ?? {};
    await scene.slack.update({ channel: 'C0RONDA', ts, text: 'half-way', blocks: [] });
    scene.leave({ ...scene.row(), claim: lease });
    scene.time.at = midnight + 60_000;
    expect((await publish(scene, 'two')).state).toBe('edited');
    expect(scene.slack.messages).toMatchObject([{ text: 'disk full' }]);
  });

  test('of two messages found the earlier is kept', async () => {
    const scene = stage();
    const ts = scene.slack.land(post);
    scene.slack.land(post);
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    expect((await publish(scene)).ts).toBe(ts);
    expect(scene.slack.messages).toMatchObject([{ ts }]);
  });

  test('whose look fails is given back, still in doubt', async () => {
    const scene = stage();
    scene.leave(leased);
    scene.time.at = midnight + 60_000;
    const limited = new RateLimitedError('conversations.history', 30_000);
    scene.slack.fail('history', limited);
    await expect(publish(scene)).rejects.toBe(limited);
    expect(scene.slack.messages).toEqual([]);
    expect(scene.row()).toMatchObject({ unsure_since: midnight });
    expect(scene.row()).not.toHaveProperty('claim');
  });
});

describe('a post without a clear answer', () => {
  test('that is there is kept', async () => {
    const scene = stage();
    scene.slack.fail('post', timedOut, 'after');
    expect((await publish(scene)).state).toBe('adopted');
    expect(scene.slack.messages).toHaveLength(1);
    expect(scene.row()).toMatchObject({ recheck_at: midnight + 60_000 });
  });

  test('that is not there is an error, and the next try looks first, from that attempt on', async () => {
    const scene = stage();
    scene.slack.fail('post', timedOut);
    await expect(publish(scene)).rejects.toBe(timedOut);
    expect(scene.slack.calls).toEqual(['turn', 'post', 'authTest', 'history', 'history']);
    expect(scene.row()).toMatchObject({ unsure_since: midnight });
    expect(scene.row()).not.toHaveProperty('claim');

    scene.time.at = midnight + 3_600_000;
    const late = scene.slack.land(post);
    expect(await publish(scene, 'two')).toEqual({ state: 'adopted', channel: 'C0RONDA', ts: late });
    expect(scene.slack.messages).toHaveLength(1);
  });

  test('stays in doubt when the look fails too', async () => {
    const scene = stage();
    scene.slack.fail('post', timedOut, 'after');
    scene.slack.fail('history', new AmbiguousError('conversations.history', 'timed out'));
    await expect(publish(scene)).rejects.toThrow('conversations.history: timed out');
    expect(scene.row()).toMatchObject({ unsure_since: midnight });
    expect((await publish(scene)).state).toBe('adopted');
    expect(scene.slack.messages).toHaveLength(1);
  });

  test('that lands after the next try’s is deleted when the row is looked at again', async () => {
    const scene = stage();
    scene.slack.fail('post', timedOut);
    await expect(publish(scene)).rejects.toBe(timedOut);
    const { ts } = await publish(scene);
    scene.slack.land(post);
    const { recheck_at = 0 } = scene.row() ?? {};
    scene.time.at = recheck_at - 1;
    expect(await scene.messenger().recheck(key)).toBe('early');
    expect(scene.slack.messages).toHaveLength(2);
    scene.time.at = recheck_at;
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.slack.messages).toMatchObject([{ ts }]);
    expect(scene.row()).not.toHaveProperty('recheck_at');
    expect(scene.row()).not.toHaveProperty('unsure_since');
  });
});

describe('an edit without a clear answer', () => {
  test('is made again, even back to what was said before', async () => {
    const scene = stage();
    await publish(scene);
    scene.slack.fail('update', new AmbiguousError('chat.update', 'timed out'), 'after');
    const one = scene.messenger();
    await expect(one.publish(key, 'alert', content('recovered'), options)).rejects.toThrow(
      'chat.update: timed out',
    );
    expect((await publish(scene)).state).toBe('edited');
    expect(scene.slack.messages).toMatchObject([{ text: 'disk full', edits: 2 }]);
  });
});

describe('an owner that froze while it held the lease', () => {
  /** Posts, but before it hears of it, its lease is taken over by somebody who sees or does not see the post. */
  const freezeIn = (scene: Stage, meanwhile: () => Promise<unknown>) =>
    scene.messenger('frozen', {
      post: async (request) => {
        scene.time.at = midnight + 60_000;
        await meanwhile();
        return await scene.slack.post(request);
      },
    });

  test('deletes its own message when it is the later', async () => {
    const scene = stage();
    const frozen = freezeIn(scene, () => publish(scene, 'heir'));
    await frozen.publish(key, 'alert', content('disk full'), options);
    expect(scene.slack.messages).toMatchObject([{ ts: scene.row()?.ts }]);
    expect(scene.slack.calls.filter((call) => call === 'post')).toHaveLength(2);
  });

  test('points the row at its own when that is the earlier, and deletes the other', async () => {
    const scene = stage();
    const frozen = scene.messenger('frozen', {
      post: async (request) => {
        const posted = await scene.slack.post(request);
        scene.leave({
          ...scene.row(),
          claim: undefined,
          ts: scene.slack.land(post),
          rev: (scene.row()?.rev ?? 0) + 1,
        });
        return posted;
      },
    });
    const published = await frozen.publish(key, 'alert', content('disk full'), options);
    expect(published.ts).toBe('1795453200.000001');
    expect(scene.row()).toMatchObject({ ts: '1795453200.000001', recheck_at: midnight + 60_000 });
    expect(scene.slack.messages).toMatchObject([{ ts: '1795453200.000001' }]);
  });

  test('leaves in doubt what its late edit wrote over', async () => {
    const scene = stage();
    await publish(scene);
    const frozen = scene.messenger('frozen', {
      update: async (request) => {
        scene.time.at = midnight + 60_000;
        await scene.messenger('heir').publish(key, 'alert', content('newer'), options);
        await scene.slack.update(request);
      },
    });
    expect((await frozen.publish(key, 'alert', content('older'), options)).state).toBe('busy');
    expect(scene.slack.messages).toMatchObject([{ text: 'older' }]);
    await scene.messenger('heir').publish(key, 'alert', content('newer'), options);
    expect(scene.slack.messages).toMatchObject([{ text: 'newer' }]);
  });
});

describe('a table that does not answer', () => {
  test('after the post: the same process finds its message at the next try, without waiting for the lease', async () => {
    const scene = stage();
    const one = scene.messenger('one', {
      post: async (request) => {
        const posted = await scene.slack.post(request);
        throw new Error(`dynamodb is away, ${posted.ts} is not written down`);
      },
    });
    await expect(one.publish(key, 'alert', content('disk full'), options)).rejects.toThrow(
      'is not written down',
    );
    expect(scene.row()).toMatchObject({ claim: { owner: 'one' } });
    expect((await publish(scene, 'two')).state).toBe('busy');
    expect((await publish(scene, 'one')).state).toBe('adopted');
    expect(scene.slack.messages).toHaveLength(1);
  });
});

describe('looking again', () => {
  test('at a row without doubt does nothing', async () => {
    const scene = stage();
    await publish(scene);
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.slack.calls).toEqual(['turn', 'post']);
  });

  test('waits while somebody holds the lease', async () => {
    const scene = stage();
    scene.leave({ ...leased, recheck_at: midnight, unsure_since: midnight });
    expect(await scene.messenger().recheck(key)).toBe('busy');
  });

  test('finds the message of a row that knows of none', async () => {
    const scene = stage();
    scene.leave({ channel: 'C0RONDA', recheck_at: midnight, unsure_since: midnight });
    const ts = scene.slack.land(post);
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.row()).toMatchObject({ ts });
  });

  test('that fails is put off by a lease', async () => {
    const scene = stage();
    scene.leave({ channel: 'C0RONDA', recheck_at: midnight, unsure_since: midnight });
    const away = new AmbiguousError('conversations.history', 'HTTP 503');
    scene.slack.fail('history', away);
    await expect(scene.messenger().recheck(key)).rejects.toBe(away);
    expect(scene.row()).toMatchObject({ unsure_since: midnight, recheck_at: midnight + 60_000 });
    expect(scene.row()).not.toHaveProperty('claim');
  });

  test('doubts what the message says: a frozen owner may have edited it last', async () => {
    const scene = stage();
    await publish(scene);
    const { ts = '' } = scene.row() ?? {};
    scene.leave({ ...scene.row(), recheck_at: midnight, unsure_since: midnight });
    await scene.slack.update({ channel: 'C0RONDA', ts, text: 'stale', blocks: [] });
    await scene.messenger().recheck(key);
    expect((await publish(scene)).state).toBe('edited');
    expect(scene.slack.messages).toMatchObject([{ text: 'disk full' }]);
  });

  test('keeps the late one when somebody deleted the row’s own', async () => {
    const scene = stage();
    scene.leave({
      channel: 'C0RONDA',
      ts: '1795453199.000001',
      recheck_at: midnight,
      unsure_since: midnight,
    });
    const ts = scene.slack.land(post);
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.row()).toMatchObject({ ts });
    expect(scene.slack.messages).toMatchObject([{ ts }]);
  });

  test('keeps a message that is older than any doubt', async () => {
    const scene = stage();
    scene.leave({
      channel: 'C0RONDA',
      ts: '1795450000.000001',
      recheck_at: midnight,
      unsure_since: midnight,
    });
    scene.slack.land(post);
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.row()).toMatchObject({ ts: '1795450000.000001' });
    expect(scene.slack.messages).toEqual([]);
  });

  test('deletes what comes late for a message that is to stay deleted', async () => {
    const scene = stage();
    scene.leave({ channel: 'C0RONDA', deleted: true, recheck_at: midnight, unsure_since: midnight });
    scene.slack.land(post);
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.slack.messages).toEqual([]);
  });

  test('leaves a message that Slack will not delete to a person, and ends', async () => {
    const scene = stage();
    scene.leave({ channel: 'C0RONDA', recheck_at: midnight, unsure_since: midnight });
    scene.slack.land(post);
    scene.slack.land(post);
    scene.slack.fail('delete', new RefusedError('chat.delete', 'cant_delete_message'));
    expect(await scene.messenger().recheck(key)).toBe('settled');
    expect(scene.row()).not.toHaveProperty('recheck_at');
  });
});
