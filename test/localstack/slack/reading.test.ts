import { beforeEach, describe, expect, test } from '@jest/globals';
import type { types } from '@slack/bolt';
import { board, errorOf, newChannel, section } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace, client } = await openTestWorkspace();
let channel: string;
beforeEach(async () => {
  channel = await newChannel(workspace);
});

async function post(text: string, more: { thread_ts?: string } = {}): Promise<string> {
  const { ts } = await client.chat.postMessage({ channel, text, ...more });
  return String(ts);
}

describe('conversations.history', () => {
  test('is newest first, without replies and without metadata unless asked', async () => {
    const first = await post('one');
    await post('reply', { thread_ts: first });
    await client.chat.postMessage({ channel, text: 'two', metadata: board });
    const { messages, has_more } = await client.conversations.history({ channel });
    expect(messages?.map(({ text }) => text)).toEqual(['two', 'one']);
    expect(messages?.[0]).not.toHaveProperty('metadata');
    expect(messages?.[1]).toMatchObject({ reply_count: 1, thread_ts: first });
    expect(has_more).toBe(false);
  });

  test('shuts its bound out', async () => {
    const [a, b] = [await post('a'), await post('b')];
    const { messages } = await client.conversations.history({ channel, oldest: a });
    expect(messages?.map(({ ts }) => ts)).toEqual([b]);
  });

  test('comes in pages, 100 unless told otherwise', async () => {
    for (let n = 0; n < 101; n += 1) await post(String(n));
    const first = await client.conversations.history({ channel });
    expect(first.messages).toHaveLength(100);
    expect(first).toMatchObject({ has_more: true });
    const cursor = String(first.response_metadata?.next_cursor);
    const second = await client.conversations.history({ channel, cursor });
    expect(second.messages?.map(({ text }) => text)).toEqual(['0']);
    expect(second).toMatchObject({ has_more: false });
    expect(await errorOf(client.conversations.history({ channel, limit: 1_000 }))).toBe('invalid_limit');
    expect(await errorOf(client.conversations.history({ channel, cursor: 'x' }))).toBe('invalid_cursor');
  });
});

describe('conversations.replies', () => {
  test('is the parent, then the replies, oldest first, in pages', async () => {
    const ts = await post('parent');
    await post('other');
    for (const text of ['a', 'b', 'c']) await post(text, { thread_ts: ts });
    const first = await client.conversations.replies({ channel, ts, limit: 3 });
    expect(first.messages?.map(({ text }) => text)).toEqual(['parent', 'a', 'b']);
    const cursor = String(first.response_metadata?.next_cursor);
    const second = await client.conversations.replies({ channel, ts, limit: 3, cursor });
    expect(second.messages?.map(({ text }) => text)).toEqual(['c']);
  });

  test('outlives its parent as a tombstone', async () => {
    const ts = await post('parent');
    await post('a', { thread_ts: ts });
    await client.chat.delete({ channel, ts });
    const { messages } = await client.conversations.replies({ channel, ts });
    expect(messages?.map(({ text }) => text)).toEqual(['This message was deleted.', 'a']);
    expect(await errorOf(client.chat.update({ channel, ts, text: 'x' }))).toBe('message_not_found');
  });

  test('needs a message to begin with', async () => {
    expect(await errorOf(client.conversations.replies({ channel, ts: '1.000000' }))).toBe('thread_not_found');
    expect(await errorOf(post('x', { thread_ts: '1.000000' }))).toBe('thread_not_found');
  });
});

describe('people, channels and links', () => {
  test('are found by what is known of them', async () => {
    const { user } = await client.users.lookupByEmail({ email: 'Sari@example.com' });
    expect(user).toMatchObject({ id: 'U0SARI', name: 'sari', profile: { email: 'sari@example.com' } });
  });

  test('that are not there are not found', async () => {
    expect(await errorOf(client.users.lookupByEmail({ email: 'no@example.com' }))).toBe('users_not_found');
  });

  test('a permalink names channel and message', async () => {
    const ts = await post('a');
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    expect(permalink).toBe(`${workspace.url}/archives/${channel}/p${ts.replace('.', '')}`);
  });
});

describe('views', () => {
  test('an App Home is published to one person, judged like a message', async () => {
    const view: types.HomeView = { type: 'home', blocks: [section('Tonight')] };
    const { view: published } = await client.views.publish({ user_id: 'U0SARI', view });
    expect(published).toMatchObject({ type: 'home', blocks: [section('Tonight')], app_id: 'A0RONDA' });
    const bad: types.HomeView = { type: 'home', blocks: [section('')] };
    expect(await errorOf(client.views.publish({ user_id: 'U0SARI', view: bad }))).toBe('invalid_arguments');
    expect(await errorOf(client.views.publish({ user_id: 'U0NOBODY', view }))).toBe('user_not_found');
  });
});
