import { beforeEach, describe, expect, test } from '@jest/globals';
import { board, errorOf, newChannel, section, send } from './workspace-fixtures.ts';
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

describe('chat.postMessage', () => {
  test('keeps text, blocks and metadata', async () => {
    const posted = await client.chat.postMessage({
      channel,
      text: 'Night',
      blocks: [{ ...section('*Night*'), block_id: 'title' }],
      metadata: board,
    });
    const { messages } = await client.conversations.history({ channel, include_all_metadata: true });
    expect(messages).toEqual([
      {
        type: 'message',
        team: 'T0RONDA',
        app_id: 'A0RONDA',
        user: 'U0RONDA',
        bot_id: 'B0RONDA',
        ts: posted.ts,
        text: 'Night',
        blocks: [{ ...section('*Night*'), block_id: 'title' }],
        metadata: board,
      },
    ]);
  });

  test('names blocks that have no name', async () => {
    const { message } = await client.chat.postMessage({
      channel,
      text: 'x',
      blocks: [section('a'), section('b')],
    });
    const ids = message?.blocks?.map(({ block_id }) => block_id) ?? [];
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain(undefined);
  });

  test('gives every message a later ts, even many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => post(`message ${n}`)));
    expect(new Set(answers).size).toBe(20);
    const later = await post('the last');
    expect(answers.every((ts) => Number(ts) < Number(later))).toBe(true);
  });

  test.each([
    ['a channel’s name', '#eod'],
    ['a channel that is not there', 'C0NOWHERE'],
  ])('does not find %s', async (_, where) => {
    expect(await errorOf(client.chat.postMessage({ channel: where, text: 'x' }))).toBe('channel_not_found');
  });

  test('is refused by an archived channel and one that the bot is not in', async () => {
    await send(workspace, 'POST', '/control/channels', { id: channel, name: 'old', archived: true });
    expect(await errorOf(post('x'))).toBe('is_archived');
    await send(workspace, 'POST', '/control/channels', { id: channel, name: 'other', member: false });
    expect(await errorOf(post('x'))).toBe('not_in_channel');
  });

  test('says what is wrong with blocks, with the path', async () => {
    const bad = client.chat.postMessage({ channel, text: 'x', blocks: [section('')] });
    await expect(bad).rejects.toMatchObject({
      data: {
        ok: false,
        error: 'invalid_blocks',
        response_metadata: {
          messages: ['[ERROR] must be at least 1 characters [json-pointer:/blocks/0/text/text]'],
        },
      },
    });
  });

  test('needs text or blocks, JSON in blocks, and flat metadata', async () => {
    expect(await errorOf(client.apiCall('chat.postMessage', { channel }))).toBe('no_text');
    expect(await errorOf(client.apiCall('chat.postMessage', { channel, text: 'x', blocks: 'none' }))).toBe(
      'invalid_blocks_format',
    );
    const nested = { event_type: 'x', event_payload: { key: { deep: true } } };
    expect(await errorOf(client.apiCall('chat.postMessage', { channel, text: 'x', metadata: nested }))).toBe(
      'invalid_metadata_format',
    );
  });

  test('cuts text at 40,000 characters', async () => {
    const { message } = await client.chat.postMessage({ channel, text: 'x'.repeat(40_001) });
    expect(message?.text).toBe('x'.repeat(40_000));
  });
});

describe('chat.update', () => {
  test('with text alone drops the blocks and keeps the metadata', async () => {
    const { ts } = await client.chat.postMessage({
      channel,
      text: 'a',
      blocks: [section('a')],
      metadata: board,
    });
    await client.chat.update({ channel, ts: String(ts), text: 'b' });
    const { messages } = await client.conversations.history({ channel, include_all_metadata: true });
    expect(messages?.[0]).toMatchObject({ ts, text: 'b', metadata: board, edited: { user: 'U0RONDA' } });
    expect(messages?.[0]).not.toHaveProperty('blocks');
  });

  test('takes 4,000 characters of text, not one more', async () => {
    const ts = await post('a');
    await client.chat.update({ channel, ts, text: 'x'.repeat(4_000) });
    expect(await errorOf(client.chat.update({ channel, ts, text: 'x'.repeat(4_001) }))).toBe('msg_too_long');
  });

  test('does not find what was never there or was deleted', async () => {
    const ts = await post('a');
    await send(workspace, 'DELETE', '/control/messages', { channel, ts });
    expect(await errorOf(client.chat.update({ channel, ts, text: 'b' }))).toBe('message_not_found');
    expect(await errorOf(client.chat.update({ channel: 'eod', ts, text: 'b' }))).toBe('channel_not_found');
    expect(await errorOf(client.chat.update({ channel, ts: '1.000000', text: 'b' }))).toBe(
      'message_not_found',
    );
  });
});

describe('chat.delete', () => {
  test('removes a message for good', async () => {
    const ts = await post('a');
    await client.chat.delete({ channel, ts });
    const { messages } = await client.conversations.history({ channel });
    expect(messages).toEqual([]);
    expect(await errorOf(client.chat.delete({ channel, ts }))).toBe('message_not_found');
  });
});
