import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { App, HTTPReceiver, type webApi } from '@slack/bolt';
import { z } from 'zod';
import { signatureOf } from '../../../localstack/slack/app-client.ts';
import type { RunningWorkspace } from '../../../localstack/slack/workspace.ts';
import { localSigningSecret, localToken } from '../../support/local-app.ts';
import { until } from '../../support/until.ts';
import { clientOf, section, send, silentLogger, startTestWorkspace, textsIn } from './workspace-fixtures.ts';
import { listening } from '../../support/listening.ts';

let workspace: RunningWorkspace;
let client: webApi.WebClient;
let app: App;
const seen: unknown[] = [];

const channel = 'C0RONDA';
const actions = {
  type: 'actions' as const,
  block_id: 'buttons',
  elements: [
    {
      type: 'button' as const,
      action_id: 'acknowledge',
      text: { type: 'plain_text' as const, text: 'Ack' },
      value: '{"id":1}',
    },
  ],
};

beforeAll(async () => {
  workspace = await startTestWorkspace();
  client = clientOf(workspace);
  const receiver = new HTTPReceiver({ signingSecret: localSigningSecret, logger: silentLogger });
  app = new App({
    token: localToken,
    receiver,
    clientOptions: { slackApiUrl: `${workspace.url}/api/` },
    logger: silentLogger,
  });
  app.action('acknowledge', async ({ ack, body, respond }) => {
    await ack();
    seen.push(body);
    await respond({ text: `thank you, ${body.user.id}` });
  });
  app.command('/eod', async ({ ack, command }) => {
    if (command.text === 'broken') await ack({ text: 'x', blocks: [section('')] });
    else await ack({ text: `you said ${command.text}`, blocks: [section('*tonight*'), actions] });
  });
  await register(portOf((await app.start({ port: 0, host: '127.0.0.1' })).address()));
});
afterAll(async () => {
  await app.stop();
  await workspace.stop();
});
beforeEach(() => {
  seen.length = 0;
});

async function register(port: number): Promise<void> {
  await send(workspace, 'POST', '/control/app', { request_url: `http://127.0.0.1:${port}/slack/events` });
}

describe('a press on a button', () => {
  test('reaches the app signed, with the message, and the app can answer to the presser alone', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'failed', blocks: [actions] });
    const pressed = { channel, ts, block_id: 'buttons', action_id: 'acknowledge', user: 'U0SARI' };
    expect((await send(workspace, 'POST', '/ui/action', pressed)).status).toBe(200);
    await until('the listener has run', () => seen.length === 1);
    expect(seen[0]).toMatchObject({
      type: 'block_actions',
      user: { id: 'U0SARI', username: 'sari', team_id: 'T0RONDA' },
      channel: { id: channel, name: 'eod' },
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
      message: { ts, text: 'failed' },
      actions: [{ type: 'button', block_id: 'buttons', action_id: 'acknowledge', value: '{"id":1}' }],
    });
    const answer = await until('the answer is shown', async () =>
      (await ephemerals()).find(({ message }) => message.text === 'thank you, U0SARI'),
    );
    expect(answer).toMatchObject({ channel, user: 'U0SARI' });
    expect(await textsIn(workspace)).not.toContain('thank you, U0SARI');
  });

  test('that is not there does not reach the app', async () => {
    const { ts } = await client.chat.postMessage({ channel, text: 'failed', blocks: [actions] });
    const pressed = { channel, ts, block_id: 'buttons', action_id: 'explode', user: 'U0SARI' };
    expect(await send(workspace, 'POST', '/ui/action', pressed)).toEqual({
      status: 422,
      json: { ok: false, error: 'button_not_found' },
    });
  });
});

describe('a slash command', () => {
  test('is answered with what the app says, shown to the asker alone', async () => {
    const asked = { command: '/eod', text: 'at 02:15', user: 'U0PUTRI', channel };
    const { status, json } = await send(workspace, 'POST', '/ui/command', asked);
    expect(status).toBe(200);
    expect(json).toMatchObject({ text: 'you said at 02:15' });
    const shown = (await ephemerals()).find(({ message }) => message.text === 'you said at 02:15');
    expect(shown).toMatchObject({ user: 'U0PUTRI', channel });
  });

  test('whose answer Slack would refuse is an error that says why', async () => {
    const asked = { command: '/eod', text: 'broken', user: 'U0PUTRI', channel };
    expect(await send(workspace, 'POST', '/ui/command', asked)).toEqual({
      status: 422,
      json: {
        ok: false,
        error: 'invalid_blocks',
        details: ['must be at least 1 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
  });
});

describe('the app’s address', () => {
  test('is the newest that answers', async () => {
    const dead = createServer();
    const port = await listening(dead);
    await new Promise((resolve) => dead.close(resolve));
    await register(port);
    const asked = { command: '/eod', text: 'still there?', user: 'U0SARI', channel };
    expect((await send(workspace, 'POST', '/ui/command', asked)).status).toBe(200);
  });

  test('that is nowhere is said', async () => {
    const lonely = await startTestWorkspace();
    const asked = { command: '/eod', text: '', user: 'U0SARI', channel };
    expect(await send(lonely, 'POST', '/ui/command', asked)).toEqual({
      status: 502,
      json: { ok: false, error: 'no_app_listens' },
    });
    await lonely.stop();
  });

  test('gets requests signed as Slack’s documentation shows', () => {
    // The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    expect(signatureOf('8f742231b10e8888abcd99yyyzzz85a5', '1531420618', body)).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    );
  });
});

const saidToOne = z.object({
  ts: z.string(),
  text: z.string(),
  blocks: z.array(z.looseObject({ block_id: z.string() })).optional(),
});
const shownOnes = z.object({
  ephemerals: z.array(z.looseObject({ user: z.string(), message: saidToOne })),
});

async function ephemerals() {
  const { json } = await send(workspace, 'GET', '/control/ephemerals');
  return shownOnes.parse(json).ephemerals;
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server listens on no port');
}
