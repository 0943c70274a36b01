import { createServer } from 'node:http';
import express from 'express';
import { z } from 'zod';
import { messageProblems } from '../../../localstack/slack/api/block-kit.ts';
import { signatureOf } from '../../../localstack/slack/app-client.ts';
import { createClock, type Clock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/log.ts';
import { silent } from '../../../src/log.ts';
import type { Outgoing, Publisher } from '../../../src/queue/publisher.ts';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../../src/transports/slack/app.ts';
import { eod } from '../../support/boards.ts';
import { at, idOf } from '../../support/events.ts';
import type { TestBackend } from '../../support/harness.ts';
import { textsOf } from './slack-process.ts';
import { listening } from '../../support/listening.ts';
import { atTheEnd, openBackend as openBackendAt } from '../../support/open.ts';

/** A whole Slack app behind a real HTTP server, asked as Slack asks: by signed requests. */

export const signingSecret = 'a-signing-secret-of-this-test';
export const token = 'xoxb-test-token';

/** What an alert's buttons carry. */
export const buttonValue = JSON.stringify({
  scheduler_id: 'payroll',
  event_id: idOf(3),
  at: Date.parse(at('17:40:00.000')),
});

const { real, monotonic } = createClock();

/**
 * 02:00 in Jakarta, in the night of `facts.ts`, standing still. Instants that Slack stamps in September 2026 lie
 * in that night, too: `1789000000` is 17:46:40 UTC.
 */
export const two: Clock = {
  now: () => Date.parse(at('19:00:00.000')),
  real,
  monotonic,
  fromReal: (instant) => instant - 1_789_000_000_000 + Date.parse(at('17:46:40.000')),
  isReal: false,
};

/** Tables and queues whose clock stands at two. */
export const openBackend = (): Promise<TestBackend> => openBackendAt({ clock: two });

/** A publisher that keeps what it is given. */
export function keptPublisher(): { readonly publisher: Publisher; readonly sent: Outgoing[] } {
  const sent: Outgoing[] = [];
  const send = (message: Outgoing): Promise<void> => {
    sent.push(message);
    return Promise.resolve();
  };
  return { sent, publisher: { send, close: () => Promise.resolve() } };
}

/** A queue that is away, or that never answers. */
export const awayPublisher: Publisher = {
  send: () => Promise.reject(new Error('connect ECONNREFUSED')),
  close: () => Promise.resolve(),
};
export const hangingPublisher: Publisher = {
  send: () => new Promise(() => undefined),
  close: () => Promise.resolve(),
};

const message = z.object({
  response_type: z.literal('ephemeral'),
  replace_original: z.literal(false),
  text: z.string(),
  blocks: z.array(z.looseObject({ type: z.string() })),
});
export type Published = z.infer<typeof message>;

export type Asked = { readonly status: number; readonly text: string; readonly ms: number };
export type AppWorld = {
  readonly app: SlackApp;
  readonly url: string;
  /** What was posted to the response URL, each found to be what Slack takes. */
  readonly answers: Published[];
  /** Posts a body, signed as Slack does unless told otherwise. */
  readonly post: (body: string, options?: PostOptions) => Promise<Asked>;
  readonly command: (text: string, fields?: Readonly<Record<string, string>>) => Promise<Asked>;
  readonly click: (action: string, value: string, fields?: object) => Promise<Asked>;
};
type PostOptions = {
  readonly type?: string;
  readonly secret?: string;
  /** How far the request's timestamp is off, in seconds. */
  readonly off?: number;
  readonly signature?: string;
};

type Options = Pick<SlackAppOptions, 'store'> & Partial<Omit<SlackAppOptions, 'store'>> & { log?: Logger };

export async function openApp(options: Options): Promise<AppWorld> {
  const answers: Published[] = [];
  const server = express();
  server.post('/answers', express.json(), (request, response) => {
    answers.push(checked(message.parse(request.body)));
    response.send('ok');
  });
  const listener = createServer(server);
  const port = await listening(listener);
  const url = `http://127.0.0.1:${port}`;
  const app = createSlackApp({
    token,
    signingSecret,
    // Where answers to people go, too: they are sent to no other host.
    apiUrl: `${url}/api/`,
    identity: () => Promise.resolve({ teamId: 'T0RONDA', appId: 'A0RONDA' }),
    allowExternal: false,
    publisher: keptPublisher().publisher,
    boards: [eod],
    stale: { defaultTimeoutMs: 600_000 },
    coverage: () => ({ judgedAt: two.now(), coveredSince: 0, gaps: [] }),
    clock: two,
    log: silent,
    ...options,
  });
  if (app.handler !== undefined) server.post('/slack/events', app.handler);
  await app.start();
  atTheEnd(async () => {
    await app.stop();
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });

  const post = async (body: string, given: PostOptions = {}): Promise<Asked> => {
    const { type = 'application/x-www-form-urlencoded', secret = signingSecret, off = 0 } = given;
    const timestamp = String(Math.floor(real() / 1_000) + off);
    const began = real();
    const response = await fetch(`${url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': given.signature ?? signatureOf(secret, timestamp, body),
      },
      body,
    });
    return { status: response.status, text: await response.text(), ms: real() - began };
  };
  return {
    app,
    url,
    answers,
    post,
    command: (text, fields = {}) =>
      post(
        new URLSearchParams({
          command: '/eod',
          text,
          user_id: 'U0SARI',
          user_name: 'sari',
          channel_id: 'C0RONDA',
          team_id: 'T0RONDA',
          trigger_id: '1.2.abc',
          response_url: `${url}/answers`,
          ...fields,
        }).toString(),
      ),
    click: (action, value, fields = {}) =>
      post(
        new URLSearchParams({
          payload: JSON.stringify({
            type: 'block_actions',
            user: { id: 'U0SARI', username: 'sari', name: 'sari' },
            team: { id: 'T0RONDA' },
            channel: { id: 'C0RONDA' },
            trigger_id: '1.2.abc',
            response_url: `${url}/answers`,
            actions: [
              { type: 'button', action_id: action, block_id: 'b', value, action_ts: '1789000001.123456' },
            ],
            ...fields,
          }),
        }).toString(),
      ),
  };
}

/** The answer within an acknowledgement. */
export function answerIn({ text }: Asked): Published {
  return checked(message.parse(JSON.parse(text)));
}

function checked(answer: Published): Published {
  const problems = messageProblems({
    ...answer,
    ...(answer.blocks.length === 0 ? { blocks: undefined } : {}),
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return answer;
}

/** Everything that a reader sees of an answer, as one text. */
export function seen({ text, blocks }: Published): string {
  return [text, ...textsOf({ blocks })].join('\n');
}
