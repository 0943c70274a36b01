import { describe, expect, test } from '@jest/globals';
import { board, clientOf, section, send } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace } = await openTestWorkspace();
const channel = 'C0RONDA';

/** The stream, open: from now on nothing is missed. */
async function openStream(): Promise<{ next: () => Promise<unknown>; close: () => Promise<void> }> {
  const response = await fetch(`${workspace.url}/ui/events`);
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<unknown> => {
    for (let end = text.indexOf('\n\n'); end === -1; end = text.indexOf('\n\n')) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream has ended');
      text += value;
    }
    const event = text.slice(0, text.indexOf('\n\n'));
    text = text.slice(event.length + 2);
    expect(event).toMatch(/^data: /);
    return JSON.parse(event.slice('data: '.length));
  };
  return { next, close: () => reader.cancel() };
}

describe('the page', () => {
  test('hears of posts, replies, edits, deletions and homes as they happen', async () => {
    const client = clientOf(workspace);
    const { next, close } = await openStream();
    const { ts } = await client.chat.postMessage({ channel, text: 'one', metadata: board });
    const posted = { channel, ts, user: 'U0RONDA', bot_id: 'B0RONDA', text: 'one', metadata: board };
    expect(await next()).toEqual({ type: 'posted', message: { ...posted, edits: 0, reply_count: 0 } });

    const reply = await client.chat.postMessage({ channel, text: 'reply', thread_ts: String(ts) });
    expect(await next()).toMatchObject({ type: 'posted', message: { ts: reply.ts, thread_ts: ts } });
    expect(await next()).toMatchObject({ type: 'edited', message: { ts, reply_count: 1 } });

    await client.chat.update({ channel, ts: String(ts), text: 'two' });
    expect(await next()).toMatchObject({ type: 'edited', message: { text: 'two', edits: 1 } });

    await client.chat.delete({ channel, ts: String(reply.ts) });
    expect(await next()).toEqual({ type: 'deleted', channel, ts: reply.ts });
    expect(await next()).toMatchObject({ type: 'edited', message: { ts, reply_count: 0 } });

    const view = { type: 'home' as const, blocks: [{ ...section('home'), block_id: 'hello' }] };
    await client.views.publish({ user_id: 'U0SARI', view });
    expect(await next()).toEqual({ type: 'home', user: 'U0SARI', view });
    await close();
  });

  test('finds at its start what there is', async () => {
    const { json } = await send(workspace, 'GET', '/ui/state');
    expect(json).toMatchObject({
      team: { id: 'T0RONDA' },
      channels: [{ id: 'C0RONDA', name: 'eod' }],
    });
    expect(json).toHaveProperty('users.0', { id: 'U0SARI', name: 'sari', email: 'sari@example.com' });
  });
});

describe('nobody from outside', () => {
  test('changes anything with a form that a foreign site could send', async () => {
    const response = await fetch(`${workspace.url}/control/channels`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: '{"id":"C0EVIL","name":"evil"}',
    });
    expect(response.status).toBe(415);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('posts from a foreign page, even with the token, which is no secret', async () => {
    const response = await fetch(`${workspace.url}/api/chat.postMessage`, {
      method: 'POST',
      headers: { origin: 'https://evil.example.com' },
      body: new URLSearchParams({ token: 'xoxb-ronda-local', channel, text: 'evil' }),
    });
    expect(response.status).toBe(403);
  });
});
