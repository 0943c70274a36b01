import { describe, expect, test } from '@jest/globals';
import { errorOf } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace, client } = await openTestWorkspace();

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

  test('of a method that is not there is told so', async () => {
    expect(await errorOf(client.apiCall('chat.sing'))).toBe('unknown_method');
  });
});
