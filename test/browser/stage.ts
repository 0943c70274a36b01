import { App, HTTPReceiver, type webApi } from '@slack/bolt';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { RunningWorkspace } from '../../localstack/slack/workspace.ts';
import { localSigningSecret, localToken } from '../support/local-app.ts';
import { clientOf, section, send, silentLogger } from '../localstack/slack/workspace-fixtures.ts';

export const channel = 'C0RONDA';

const plain = (text: string) => ({ type: 'plain_text', text }) as const;
const button = (action_id: string, text: string) =>
  ({ type: 'button', action_id, text: plain(text), value: `about ${action_id}` }) as const;

/** An alert as Ronda's look, with an owner to be called. */
export const alert = {
  text: 'billing / close-day failed',
  blocks: [
    section('❌ *billing / close-day failed* <@U0SARI>'),
    {
      type: 'actions' as const,
      elements: [button('acknowledge', 'Acknowledge'), button('history', 'History')],
    },
  ],
};

/** A board of about as many rows as a message takes. */
export const board = {
  text: 'Night of 23 November 2026: 59 completed',
  metadata: { event_type: 'ronda_message', event_payload: { key: 'board/eod/2026-11-23/1' } },
  blocks: [
    { type: 'header' as const, text: plain('Night watch') },
    {
      type: 'table' as const,
      rows: Array.from({ length: 60 }, (_, row) =>
        ['Status', 'Service', 'Job', 'Last heartbeat', 'Note'].map((name) => ({
          type: 'raw_text' as const,
          text: row === 0 ? name : `${name.toLowerCase()} ${row}`,
        })),
      ),
    },
  ],
};

export type Stage = {
  readonly client: webApi.WebClient;
  /** What people did, as the app was told. */
  readonly answers: string[];
  readonly open: (browser: Browser, options?: BrowserContextOptions) => Promise<Page>;
  /** What pages complained of: scripts, styles and policy. */
  readonly complaints: string[];
  readonly stop: () => Promise<void>;
};

/** A real Bolt app that answers as Ronda would, registered with the workspace. */
export async function setStage(workspace: RunningWorkspace): Promise<Stage> {
  const client = clientOf(workspace);
  const answers: string[] = [];
  const complaints: string[] = [];
  let isStopped = false;
  const app = new App({
    token: localToken,
    receiver: new HTTPReceiver({ signingSecret: localSigningSecret, logger: silentLogger }),
    clientOptions: { slackApiUrl: `${workspace.url}/api/` },
    logger: silentLogger,
  });
  app.action(/./, async ({ ack, body, action }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return;
    answers.push(`${body.user.name} pressed ${action.action_id} (${action.value ?? ''})`);
    if (action.action_id === 'acknowledge' && body.message !== undefined) {
      const { ts } = body.message;
      await client.chat.update({
        channel,
        ts,
        text: 'acknowledged',
        blocks: [section(`acknowledged by ${body.user.name}`)],
      });
    }
  });
  app.command('/eod', async ({ ack, command }) => {
    answers.push(`${command.user_name} asked ${command.text}`);
    await ack({ text: `the board as it was ${command.text}` });
  });
  app.event('app_home_opened', async ({ event }) => {
    answers.push(`${event.user} came home`);
    const view = { type: 'home' as const, blocks: [section(`Hello <@${event.user}>`)] };
    await client.views.publish({ user_id: event.user, view });
  });
  const address = (await app.start({ port: 0, host: '127.0.0.1' })).address();
  if (address === null || typeof address === 'string') throw new Error('the app listens on no port');
  const request_url = `http://127.0.0.1:${address.port}/slack/events`;
  await send(workspace, 'POST', '/control/app', { request_url });
  return {
    client,
    answers,
    complaints,
    open: async (browser, options = {}) => {
      const page = await browser.newPage({ viewport: { width: 1_100, height: 700 }, ...options });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // A page that lost its workspace or its app is told so by the browser: those are among the tests.
        const isLoss = /net::ERR_|status of 502/.test(message.text());
        if (message.type() === 'error' && !isLoss) complaints.push(message.text());
      });
      page.on('dialog', (dialog) => {
        complaints.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(workspace.url);
      await page.locator('#status.live').waitFor();
      return page;
    },
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      await app.stop();
    },
  };
}
