import { describe, expect, test } from '@jest/globals';
import { errorOf, section } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace, client } = await openTestWorkspace();
const channel = 'C0RONDA';

describe('a caller', () => {
  test('with the token is the bot', async () => {
    expect(await client.auth.test()).toMatchObject({
      ok: true,
      team_id: 'T0RONDA',
      user_id: 'U0RONDA',
      bot_id: 'B0RONDA',
    });
  });

  test.each([
    ['without a token', {}, 'not_authed'],
    ['with another token', { authorization: 'Bearer xoxb-other' }, 'invalid_auth'],
  ])('%s is refused', async (_, headers, error) => {
    const response = await fetch(`${workspace.url}/api/auth.test`, { method: 'POST', headers });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: false, error });
  });

  test('may send its token in a form', async () => {
    const body = new URLSearchParams({ token: 'xoxb-ronda-local' });
    const response = await fetch(`${workspace.url}/api/auth.test`, { method: 'POST', body });
    expect(await response.json()).toMatchObject({ ok: true, user_id: 'U0RONDA' });
  });

  test('may ask by GET, with the token in the header alone', async () => {
    const authorization = 'Bearer xoxb-ronda-local';
    const user = await fetch(`${workspace.url}/api/users.lookupByEmail?email=sari@example.com`, {
      headers: { authorization },
    });
    expect(await user.json()).toMatchObject({ ok: true, user: { id: 'U0SARI' } });
    const inQuery = await fetch(`${workspace.url}/api/auth.test?token=xoxb-ronda-local`);
    expect(await inQuery.json()).toEqual({ ok: false, error: 'not_authed' });
    const open = await fetch(`${workspace.url}/api/api.test?a=b`);
    expect(await open.json()).toEqual({ ok: true, args: { a: 'b' } });
  });

  test('may send JSON, of which a bad one is refused', async () => {
    const call = async (body: string): Promise<unknown> => {
      const response = await fetch(`${workspace.url}/api/chat.postMessage`, {
        method: 'POST',
        headers: { authorization: 'Bearer xoxb-ronda-local', 'content-type': 'application/json' },
        body,
      });
      return response.json();
    };
    expect(await call(JSON.stringify({ channel, blocks: [section('hello')] }))).toMatchObject({
      ok: true,
      channel,
    });
    expect(await call('{')).toEqual({ ok: false, error: 'invalid_json' });
  });

  test('of a method that is not there is told so', async () => {
    expect(await errorOf(client.apiCall('chat.sing'))).toBe('unknown_method');
  });
});
