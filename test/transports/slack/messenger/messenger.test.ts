import { describe, expect, test } from '@jest/globals';
import {
  RateLimitedError,
  RefusedError,
  UnsentError,
} from '../../../../src/transports/slack/slack-errors.ts';
import { content, key, midnight, options, stage } from './fixtures.ts';

describe('saying something for the first time', () => {
  test('posts it, and the row says what, where and when', async () => {
    const { messenger, slack, row } = stage();
    const published = await messenger().publish(key, 'alert', content('disk full'), {
      ...options,
      contentAt: '2026-11-23T17:00:00.000Z',
      details: { owner: 'sari' },
    });
    expect(published).toEqual({ state: 'posted', channel: 'C0RONDA', ts: '1795453200.000001' });
    expect(slack.messages).toMatchObject([
      { ts: '1795453200.000001', key: 'eod/2026-11-23/alert/payroll/1', text: 'disk full' },
    ]);
    expect(row()).toEqual({
      ...key,
      kind: 'alert',
      created_at: '2026-11-23T17:00:00.000Z',
      rev: 3,
      channel: 'C0RONDA',
      ts: '1795453200.000001',
      said: expect.any(String),
      said_at: '2026-11-23T17:00:00.000Z',
      said_real: midnight,
      posted_real: midnight,
      details: { owner: 'sari' },
    });
  });

  test('needs no look into the history', async () => {
    const { messenger, slack } = stage();
    await messenger().publish(key, 'alert', content('disk full'), options);
    expect(slack.calls).toEqual(['turn', 'post']);
  });

  test('keeps the attributes that the consumer left in the row', async () => {
    const { messenger, leave, row } = stage();
    leave({ rev: 0, scheduler_id: 'payroll' });
    await messenger().publish(key, 'alert', content('disk full'), options);
    expect(row()).toMatchObject({ scheduler_id: 'payroll', ts: '1795453200.000001' });
  });

  test('twice at once in one process is one message, the second finds it said', async () => {
    const { messenger, slack } = stage();
    const one = messenger();
    const published = await Promise.all(
      [1, 2].map(() => one.publish(key, 'alert', content('disk full'), options)),
    );
    expect(published.map(({ state }) => state)).toEqual(['posted', 'unchanged']);
    expect(slack.messages).toHaveLength(1);
  });
});

describe('saying something under a condition', () => {
  test('does so where the row meets it, and else leaves row and Slack alone', async () => {
    const { messenger, slack, leave, row } = stage();
    const only = { ...options, onlyIf: (now: { rev: number }) => now.rev === 2 };
    leave({ rev: 1 });
    expect((await messenger().publish(key, 'alert', content('x'), only)).state).toBe('void');
    expect(row()).toMatchObject({ rev: 1 });
    expect(slack.calls).toEqual([]);
    leave({ rev: 2 });
    expect((await messenger().publish(key, 'alert', content('x'), only)).state).toBe('posted');
  });
});

describe('saying something else', () => {
  test('edits the message', async () => {
    const { messenger, slack, time, row } = stage();
    const one = messenger();
    await one.publish(key, 'alert', content('disk full'), {
      ...options,
      details: { owner: 'sari', open: true },
    });
    time.at += 1_000;
    const published = await one.publish(key, 'alert', content('recovered'), {
      ...options,
      details: { open: false },
    });
    expect(published).toEqual({ state: 'edited', channel: 'C0RONDA', ts: '1795453200.000001' });
    expect(slack.messages).toMatchObject([{ text: 'recovered', edits: 1 }]);
    expect(row()).toMatchObject({
      said_real: midnight + 1_000,
      posted_real: midnight,
      details: { owner: 'sari', open: false },
    });
    expect(row()).not.toHaveProperty('claim');
  });

  test('that differs in block ids alone says nothing new', async () => {
    const { messenger, slack } = stage();
    const one = messenger();
    const divided = (block_id: string) => content('x', { blocks: [{ type: 'divider', block_id }] });
    await one.publish(key, 'board', divided('a'), options);
    expect((await one.publish(key, 'board', divided('b'), options)).state).toBe('unchanged');
    expect(slack.messages).toMatchObject([{ edits: 0 }]);
  });

  test('is judged by the fingerprint where one is given', async () => {
    const { messenger } = stage();
    const one = messenger();
    const publish = async (text: string, contentHash: string) =>
      (await one.publish(key, 'board', content(text), { ...options, contentHash })).state;
    expect(await publish('35 min', 'a')).toBe('posted');
    expect(await publish('36 min', 'a')).toBe('unchanged');
    expect(await publish('36 min', 'b')).toBe('edited');
  });

  test('waits for the interval between edits, to the millisecond', async () => {
    const { messenger, time } = stage();
    const one = messenger();
    const publish = async (text: string) =>
      (await one.publish(key, 'group', content(text), { ...options, minEditIntervalMs: 2_000 })).state;
    expect(await publish('one')).toBe('posted');
    time.at += 1_999;
    expect(await publish('two')).toBe('early');
    time.at += 1;
    expect(await publish('two')).toBe('edited');
  });

  test('keeps what others wrote into the row meanwhile', async () => {
    const { messenger, slack, table, row } = stage();
    await messenger().publish(key, 'group', content('one'), { ...options, details: { members: ['a'] } });
    const joining = messenger('one', {
      update: async (request) => {
        await slack.update(request);
        const now = row();
        if (now !== undefined) await table.swap({ ...now, details: { members: ['a', 'b'] } }, now.rev);
      },
    });
    expect((await joining.publish(key, 'group', content('two'), options)).state).toBe('edited');
    expect(row()).toMatchObject({ details: { members: ['a', 'b'] } });
    expect(row()).not.toHaveProperty('claim');
  });
});

describe('a message that somebody deleted', () => {
  test('is posted anew where it must be there', async () => {
    const { messenger, slack, row } = stage();
    const one = messenger();
    const { ts = '' } = await one.publish(key, 'board', content('01:00'), options);
    slack.lose(ts);
    const published = await one.publish(key, 'board', content('02:00'), options);
    expect(published).toEqual({ state: 'posted', channel: 'C0RONDA', ts: '1795453200.000002' });
    expect(slack.messages).toMatchObject([{ text: '02:00' }]);
    expect(row()).toMatchObject({ ts: '1795453200.000002' });
  });

  test('stays deleted where it need not', async () => {
    const { messenger, slack, row } = stage();
    const one = messenger();
    const dropping = { ...options, whenDeleted: 'drop' } as const;
    const { ts = '' } = await one.publish(key, 'alert', content('failed'), dropping);
    slack.lose(ts);
    expect((await one.publish(key, 'alert', content('recovered'), dropping)).state).toBe('deleted');
    expect(row()).toMatchObject({ deleted: true });
    expect((await one.publish(key, 'alert', content('again'), dropping)).state).toBe('deleted');
    expect(slack.messages).toEqual([]);
    expect(slack.calls).toEqual(['turn', 'post', 'update']);
  });

  test('follows its thread when that begins anew', async () => {
    const { messenger, slack } = stage();
    const one = messenger();
    await one.publish(key, 'part', content('rows 100-187'), { ...options, threadTs: '1.000001' });
    const published = await one.publish(key, 'part', content('rows 100-187'), {
      ...options,
      threadTs: '2.000001',
    });
    expect(published.state).toBe('posted');
    expect(slack.messages).toMatchObject([{ threadTs: '2.000001', ts: published.ts }]);
  });
});

describe('blocks that Slack refuses', () => {
  const refusing = new RefusedError('chat.postMessage', 'invalid_blocks');
  const table = content('board', { plainBlocks: [{ type: 'divider' }] });
  const blocksOf = (text: string) => [{ type: 'section', text: { type: 'plain_text', text } }];

  test('are said plainly instead, in that channel for an hour', async () => {
    const { messenger, slack, time } = stage();
    const one = messenger();
    slack.fail('post', refusing);
    expect((await one.publish(key, 'board', table, options)).state).toBe('posted');
    expect(slack.messages).toMatchObject([{ blocks: [{ type: 'divider' }] }]);
    time.at += 3_599_999;
    await one.publish(key, 'board', { ...table, text: 'board 2' }, options);
    expect(slack.messages).toMatchObject([{ text: 'board 2', blocks: [{ type: 'divider' }] }]);
    time.at += 1;
    await one.publish(key, 'board', { ...table, text: 'board 3' }, options);
    expect(slack.messages).toMatchObject([{ text: 'board 3', blocks: blocksOf('board') }]);
    await one.publish({ ...key, message_key: 'other' }, 'board', table, { ...options, channel: 'C0OTHER' });
    expect(slack.messages).toMatchObject([{}, { channel: 'C0OTHER', blocks: blocksOf('board') }]);
  });

  test('are an error where there is nothing plainer, and the lease is given back', async () => {
    const { messenger, slack, row } = stage();
    slack.fail('post', refusing);
    await expect(messenger().publish(key, 'alert', content('x'), options)).rejects.toThrow(refusing);
    expect(row()).not.toHaveProperty('claim');
  });
});

describe('a call that surely did nothing', () => {
  test.each([
    ['rate-limited', new RateLimitedError('chat.postMessage', 30_000)],
    ['not sent', new UnsentError('chat.postMessage', 'ECONNREFUSED')],
    ['refused', new RefusedError('chat.postMessage', 'is_archived')],
  ])('(%s) gives the lease back: anybody may try again at once, without a look', async (_why, error) => {
    const { messenger, slack, row } = stage();
    slack.fail('post', error);
    await expect(messenger().publish(key, 'alert', content('x'), options)).rejects.toBe(error);
    expect(row()).not.toHaveProperty('claim');
    expect(row()).not.toHaveProperty('unsure_since');
    expect((await messenger('two').publish(key, 'alert', content('x'), options)).state).toBe('posted');
    expect(slack.calls).toEqual(['turn', 'post', 'turn', 'post']);
  });

  test('is made no more when too little of the lease is left', async () => {
    const { messenger, slack, time, row } = stage();
    const slow = (ms: number) =>
      messenger('one', {
        turn: () => {
          time.at += ms;
          return Promise.resolve();
        },
      });
    await expect(slow(45_001).publish(key, 'alert', content('x'), options)).rejects.toThrow(UnsentError);
    expect(slack.calls).toEqual([]);
    expect(row()).not.toHaveProperty('claim');
    expect((await slow(45_000).publish(key, 'alert', content('x'), options)).state).toBe('posted');
  });
});
