import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { localSigningSecret, localToken } from '../../support/local-app.ts';
import { buttons } from '../../../src/transports/slack/render/buttons.ts';
import { clientOf, send, startTestWorkspace } from '../../localstack/slack/workspace-fixtures.ts';
import { at, idOf, registration } from '../../support/events.ts';
import { keptLog } from '../../support/log-lines.ts';
import { until } from '../../support/until.ts';
import { atTheEnd } from '../../support/open.ts';
import { keptPublisher, openApp, openBackend } from './app-world.ts';
import { happen } from './slack-process.ts';

/** The app and the Slack workspace of this machine, which is as strict as Slack. */

const { publisher, sent } = keptPublisher();
const { log, lines } = keptLog();

const workspace = await startTestWorkspace();
atTheEnd(workspace.stop);
const { store } = await openBackend();
const hostile = '<!channel> @here *x* https://evil.example';
await happen(
  store,
  registration({
    service_name: hostile,
    job_name: `${hostile}${'x'.repeat(214)}`,
    occurred_at: at('01:00:00.000'),
  }),
);
const world = await openApp({
  store,
  publisher,
  log,
  token: localToken,
  signingSecret: localSigningSecret,
  apiUrl: `${workspace.url}/api/`,
});
await send(workspace, 'POST', '/control/app', { request_url: `${world.url}/slack/events` });

const state = z.object({
  homes: z.array(z.object({ user: z.string(), view: z.object({ blocks: z.array(z.unknown()) }) })),
});
const ephemerals = z.object({
  ephemerals: z.array(z.object({ user: z.string(), message: z.looseObject({ text: z.string() }) })),
});

async function homeOf(user: string): Promise<string | undefined> {
  const { json } = await send(workspace, 'GET', '/ui/state');
  const home = state.parse(json).homes.find((one) => one.user === user);
  return home === undefined ? undefined : JSON.stringify(home.view.blocks);
}

describe('in the workspace', () => {
  test('/eod is shown to the asker alone, names being text', async () => {
    const what = { command: '/eod', text: '', user: 'U0SARI', channel: 'C0RONDA' };
    expect((await send(workspace, 'POST', '/ui/command', what)).status).toBe(200);
    const { json } = await send(workspace, 'GET', '/control/ephemerals');
    const shown = ephemerals.parse(json).ephemerals;
    expect(shown.map(({ user }) => user)).toEqual(['U0SARI']);
    expect(shown[0]?.message.text).toContain('Night of 24 November 2099, 02:00 WIB');
    expect(shown[0]?.message.text).not.toMatch(/<|@here|https:\/\//);
  });

  test('a click on an alert’s button queues its event', async () => {
    const about = { scheduler_id: 'payroll', event_id: idOf(3), at: Date.parse(at('17:40:00.000')) };
    const posted = await clientOf(workspace).chat.postMessage({
      channel: 'C0RONDA',
      text: 'billing / close-day failed',
      blocks: z
        .array(z.looseObject({ type: z.string() }))
        .parse([{ ...buttons(['acknowledge', 'snooze', 'history'], about), block_id: 'buttons' }]),
    });
    const what = {
      channel: 'C0RONDA',
      ts: posted.ts,
      block_id: 'buttons',
      action_id: 'acknowledge',
      user: 'U0BUDI',
    };
    expect((await send(workspace, 'POST', '/ui/action', what)).status).toBe(200);
    const body: unknown = JSON.parse(sent[0]?.body ?? '');
    expect(body).toMatchObject({ type: 'acknowledge', failure_event_id: idOf(3), by: 'budi (U0BUDI)' });
  });

  test('App Home shows the board to whoever opens it', async () => {
    expect((await send(workspace, 'POST', '/ui/home', { user: 'U0PUTRI' })).status).toBe(200);
    const blocks = await until('the home is there', () => homeOf('U0PUTRI'));
    expect(blocks).toContain('Night watch · Tuesday 24 November 2099 (Asia/Jakarta)');
    expect(blocks).toContain('⬜ 1 pending');
  });

  test.each([
    ['token_revoked', 'U0ONE'],
    ['http_503', 'U0TWO'],
    ['rate_limited', 'U0THREE'],
  ])('App Home while Slack answers %s harms nothing, and the next visit shows it', async (fault, user) => {
    const warnings = (): number => lines.filter(({ level }) => level === 'warn').length;
    const before = warnings();
    await send(workspace, 'POST', '/control/users', { id: user, name: 'one', email: 'one@example.com' });
    await send(workspace, 'POST', '/control/faults', { method: 'views.publish', fault, count: 1 });
    expect((await send(workspace, 'POST', '/ui/home', { user })).status).toBe(200);
    await until('it is logged', () => warnings() > before);
    expect(await homeOf(user)).toBeUndefined();
    await send(workspace, 'POST', '/ui/home', { user });
    expect(await until('the home is there', () => homeOf(user))).toContain('1 pending');
    expect(JSON.stringify(lines)).not.toContain(localToken);
  });
});
