import { beforeEach, describe, expect, test } from '@jest/globals';
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { until } from '../../support/until.ts';
import { clientOf, errorOf, section, send, textsIn } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace, client } = await openTestWorkspace();
const channel = 'C0RONDA';
const table = { type: 'table' as const, rows: [[{ type: 'raw_text' as const, text: 'x' }]] };
beforeEach(async () => {
  await send(workspace, 'DELETE', '/control/faults');
  await send(workspace, 'DELETE', '/control/calls');
});

const post = (text: string) => client.chat.postMessage({ channel, text });
const spoil = (fault: object) => send(workspace, 'POST', '/control/faults', fault);
const exists = async (text: string) => (await textsIn(workspace)).includes(text);

async function calls() {
  const { json } = await send(workspace, 'GET', '/control/calls');
  return z.object({ calls: z.array(z.looseObject({ method: z.string() })) }).parse(json).calls;
}

describe('a fault', () => {
  test('drop_answer does the work and cuts the connection', async () => {
    await spoil({ method: 'chat.postMessage', fault: 'drop_answer', count: 1 });
    await expect(post('dropped')).rejects.toBeInstanceOf(webApi.WebAPIRequestError);
    expect(await exists('dropped')).toBe(true);
    expect(await calls()).toMatchObject([
      { method: 'chat.postMessage', fault: 'drop_answer', ok: null, worked: true },
    ]);
  });

  test('hang never answers, and does the work only if told to', async () => {
    await spoil({ fault: 'hang', count: 1 });
    await spoil({ fault: 'hang', count: 1, after_work: true });
    const hasty = clientOf(workspace, { timeout: 100 });
    await expect(hasty.chat.postMessage({ channel, text: 'lost' })).rejects.toThrow('timeout');
    await expect(hasty.chat.postMessage({ channel, text: 'landed' })).rejects.toThrow('timeout');
    expect(await exists('lost')).toBe(false);
    expect(await exists('landed')).toBe(true);
  });

  test('delay lets the work land after the caller has given up', async () => {
    await spoil({ fault: 'delay', ms: 300, count: 1 });
    const hasty = clientOf(workspace, { timeout: 50 });
    await expect(hasty.chat.postMessage({ channel, text: 'late' })).rejects.toThrow('timeout');
    expect(await exists('late')).toBe(false);
    await until('the message lands', () => exists('late'));
  });

  test('rate_limited is HTTP 429 with Retry-After', async () => {
    await spoil({ fault: 'rate_limited', retry_after: 7, count: 1 });
    await expect(post('refused')).rejects.toMatchObject({ retryAfter: 7 });
    expect(await exists('refused')).toBe(false);
    await post('then taken');
  });

  test('http_503 is an HTTP error', async () => {
    await spoil({ fault: 'http_503', count: 1 });
    await expect(post('unserved')).rejects.toMatchObject({ statusCode: 503 });
    expect(await exists('unserved')).toBe(false);
  });

  test.each([
    ['before the work', false],
    ['after the work', true],
  ])('internal_error may come %s', async (when, after_work) => {
    await spoil({ fault: 'internal_error', after_work, count: 1 });
    expect(await errorOf(post(`error ${when}`))).toBe('internal_error');
    expect(await exists(`error ${when}`)).toBe(after_work);
  });

  test('token_revoked stays until it is cleared', async () => {
    await spoil({ fault: 'token_revoked' });
    expect(await errorOf(post('x'))).toBe('token_revoked');
    expect(await errorOf(client.auth.test())).toBe('token_revoked');
    await send(workspace, 'DELETE', '/control/faults');
    await expect(client.auth.test()).resolves.toMatchObject({ ok: true });
  });

  test('of every method spares api.test, which asks whether the workspace lives', async () => {
    await spoil({ fault: 'internal_error' });
    await expect(client.api.test()).resolves.toMatchObject({ ok: true });
    await spoil({ method: 'api.test', fault: 'token_revoked' });
    expect(await errorOf(client.api.test())).toBe('token_revoked');
  });

  test('invalid_blocks_table refuses tables and nothing else', async () => {
    await spoil({ fault: 'invalid_blocks_table' });
    const withTable = client.chat.postMessage({ channel, text: 'x', blocks: [table] });
    expect(await errorOf(withTable)).toBe('invalid_blocks');
    await client.chat.postMessage({ channel, text: 'plain', blocks: [section('plain')] });
    expect(await exists('plain')).toBe(true);
  });

  test('meets its own method, as often as it counts, the oldest first', async () => {
    await spoil({ method: 'chat.update', fault: 'http_503', count: 1 });
    await spoil({ method: 'chat.postMessage', fault: 'internal_error', count: 2 });
    await spoil({ fault: 'token_revoked', count: 1 });
    expect(await errorOf(post('1'))).toBe('internal_error');
    expect(await errorOf(post('2'))).toBe('internal_error');
    expect(await errorOf(post('3'))).toBe('token_revoked');
    await expect(post('4')).resolves.toMatchObject({ ok: true });
  });

  test('that nobody knows is refused', async () => {
    expect(await spoil({ fault: 'earthquake' })).toMatchObject({
      status: 400,
      json: { ok: false, error: 'invalid_body' },
    });
  });
});

test('every call is on record, without its token', async () => {
  await post('on record');
  await errorOf(client.chat.postMessage({ channel: '#eod', text: 'x' }));
  const recorded = await calls();
  expect(recorded).toMatchObject([
    { method: 'chat.postMessage', args: { channel, text: 'on record' }, ok: true, worked: true },
    { method: 'chat.postMessage', args: { channel: '#eod' }, ok: false, error: 'channel_not_found' },
  ]);
  expect(JSON.stringify(recorded)).not.toContain('xoxb');
});
