import { describe, expect, test } from '@jest/globals';
import { keptLog } from '../../support/log-lines.ts';
import { keptPublisher, openApp, openBackend } from './app-world.ts';

const { publisher, sent } = keptPublisher();
const { log, lines } = keptLog();
const click = 'command=%2Feod&text=help&user_id=U0SARI&channel_id=C0RONDA&trigger_id=1.2.abc';

const world = await openApp({ store: (await openBackend()).store, publisher, log });

describe('a request', () => {
  test('with Slack’s signature is taken', async () => {
    expect((await world.post(click)).status).toBe(200);
  });

  test.each([
    ['signed with another secret', { secret: 'another-signing-secret' }],
    ['with no real signature', { signature: 'v0=00' }],
    ['with a signature of another version', { signature: 'v1=00' }],
    ['302 s old', { off: -302 }],
    ['302 s ahead', { off: 302 }],
    ['years ahead', { off: 100_000_000 }],
  ])('%s is refused', async (_which, options) => {
    expect(await world.post(click, options)).toMatchObject({ status: 401, text: '' });
  });

  test.each([-298, 298])('%d s off is taken', async (off) => {
    expect((await world.post(click, { off })).status).toBe(200);
  });

  test('without any header of Slack’s is refused', async () => {
    const response = await fetch(`${world.url}/slack/events`, { method: 'POST', body: click });
    expect(response.status).toBe(400);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const asForm = await fetch(`${world.url}/slack/events`, { method: 'POST', body: click, headers: form });
    expect(asForm.status).toBe(401);
  });

  test.each([
    ['null', 'application/json'],
    ['5', 'application/json'],
    ['{', 'application/json'],
    ['', 'application/json'],
    ['payload=null', 'application/x-www-form-urlencoded'],
    ['payload=%7B', 'application/x-www-form-urlencoded'],
  ])('that is signed and holds %s as %s is refused, and harms nothing', async (body, type) => {
    expect((await world.post(body, { type })).status).toBe(400);
    expect((await world.post(click)).status).toBe(200);
  });

  test.each([
    ['{}', 200],
    ['{"type":"event_callback","event":null}', 200],
    ['{"type":"event_callback","event":{"type":"app_home_opened"}}', 200],
    ['{"type":"block_actions","actions":[]}', 200],
    ['{"type":"block_actions","actions":[{"action_id":"acknowledge","value":7}]}', 200],
  ])('that is signed and odd (%s) leads to nothing', async (body) => {
    const [asJson, asForm] = await Promise.all([
      world.post(body, { type: 'application/json' }),
      world.post(new URLSearchParams({ payload: body }).toString()),
    ]);
    expect([200, 404, 500]).toContain(asJson.status);
    expect([200, 404, 500]).toContain(asForm.status);
    expect(sent).toEqual([]);
    expect((await world.post(click)).status).toBe(200);
  });

  test('of more than 1 MB is refused', async () => {
    expect((await world.post(`text=${'x'.repeat(1_100_000)}`)).status).toBe(413);
  });

  test('by which Slack makes sure of the address is answered', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'a-challenge' });
    const answer = await world.post(body, { type: 'application/json' });
    expect(answer).toMatchObject({ status: 200, text: '{"challenge":"a-challenge"}' });
  });
});

test('what is refused is logged, as a warning and without a secret', () => {
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(lines.filter(({ msg }) => msg.includes('signature mismatch')).length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toMatch(/xoxb-|a-signing-secret/);
});
