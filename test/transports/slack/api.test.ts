import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { createSlackApi, type SlackApi } from '../../../src/transports/slack/api.ts';
import { createPacing } from '../../../src/transports/slack/messenger/pacing.ts';
import {
  AmbiguousError,
  RateLimitedError,
  RefusedError,
  SlackCallError,
  UnsentError,
} from '../../../src/transports/slack/slack-errors.ts';
import { closedPort } from '../../ingress/http/closed-port.ts';
import { listening } from '../../support/listening.ts';
import { atTheEnd } from '../../support/open.ts';

type Call = { readonly method: string; readonly form: Readonly<Record<string, string>> };
type ApiOptions = { readonly token?: string; readonly timeoutMs?: number };
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const token = 'xoxb-1-secret-part';

/** A Slack that answers every call in one way, and an api that calls it. */
async function slackThat(behave: Behaviour, options: ApiOptions = {}) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const method = (request.url ?? '').replace('/api/', '');
      calls.push({ method, form: Object.fromEntries(new URLSearchParams(body)) });
      behave(request, response);
    });
  });
  const port = await listening(server);
  atTheEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { calls, api: apiAt(`http://127.0.0.1:${port}/api/`, options) };
}

/** Waits 30 s for an answer unless told otherwise: longer than a busy machine ever stalls. */
function apiAt(
  slackApiUrl: string,
  { token: itsToken = token, timeoutMs = 30_000 }: ApiOptions = {},
): SlackApi {
  const clock = createClock({}, () => 1_795_453_200_000);
  const pacing = createPacing(clock, () => Promise.resolve());
  return createSlackApi({ token: itsToken, slackApiUrl, leaseSeconds: (timeoutMs * 6) / 1_000, pacing });
}

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const message = { channel: 'C0RONDA', text: 'disk full', blocks: [], key: 'eod/2026-11-23/alert/1' };

async function failureOf(api: SlackApi): Promise<SlackCallError> {
  try {
    await api.post(message);
  } catch (error) {
    if (error instanceof SlackCallError) return error;
    throw error;
  }
  throw new Error('the call was expected to fail');
}

describe('a post', () => {
  test('carries its key as metadata and unfurls nothing', async () => {
    const { api, calls } = await slackThat(answering(200, { ok: true, channel: 'C0RONDA', ts: '1.000001' }));
    expect(await api.post({ ...message, threadTs: '0.000009' })).toEqual({
      channel: 'C0RONDA',
      ts: '1.000001',
    });
    expect(calls).toEqual([
      {
        method: 'chat.postMessage',
        form: {
          channel: 'C0RONDA',
          text: 'disk full',
          blocks: '[]',
          thread_ts: '0.000009',
          metadata: '{"event_type":"ronda_message","event_payload":{"key":"eod/2026-11-23/alert/1"}}',
          unfurl_links: 'false',
          unfurl_media: 'false',
        },
      },
    ]);
  });

  test.each<[string, Behaviour, ApiOptions?]>([
    ['HTTP 500', answering(500, 'oops')],
    ['HTTP 503', answering(503, 'oops')],
    ['internal_error', answering(200, { ok: false, error: 'internal_error' })],
    ['fatal_error', answering(200, { ok: false, error: 'fatal_error' })],
    ['a page instead of JSON', answering(200, '<html>Sign in to the guest network</html>')],
    ['an empty answer', answering(200, '')],
    ['null', answering(200, 'null')],
    ['an ok that names no message', answering(200, { ok: true })],
    ['a 429 without Retry-After', answering(429, {})],
    ['a cut connection', (request) => request.socket.destroy()],
    ['silence', () => undefined, { timeoutMs: 2_000 }],
    ['half an answer', (_request, response) => response.writeHead(200).write('{"ok":'), { timeoutMs: 2_000 }],
  ])('that meets %s is ambiguous, and is sent once', async (_what, behaviour, options = {}) => {
    const { api, calls } = await slackThat(behaviour, options);
    expect(await failureOf(api)).toBeInstanceOf(AmbiguousError);
    expect(calls).toHaveLength(1);
  });

  test('to a port where nobody listens is surely unsent', async () => {
    const error = await failureOf(apiAt(`http://127.0.0.1:${await closedPort()}/api/`));
    expect(error).toBeInstanceOf(UnsentError);
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test.each([
    ['channel_not_found', 'channel'],
    ['is_archived', 'channel'],
    ['not_in_channel', 'channel'],
    ['token_revoked', 'auth'],
    ['invalid_auth', 'auth'],
    ['account_inactive', 'auth'],
    ['missing_scope', 'auth'],
    ['message_not_found', 'message'],
    ['invalid_blocks', 'blocks'],
    ['restricted_action', 'other'],
  ])('that Slack refuses with %s is refused: %s', async (error, kind) => {
    const { api } = await slackThat(answering(200, { ok: false, error }));
    const failure = await failureOf(api);
    expect(failure).toBeInstanceOf(RefusedError);
    expect(failure).toMatchObject({ error, kind, method: 'chat.postMessage' });
  });

  test('that is refused says what Slack says of the reason', async () => {
    const messages = ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'];
    const refusal = { ok: false, error: 'invalid_blocks', response_metadata: { messages } };
    const { api } = await slackThat(answering(200, refusal));
    await expect(api.post(message)).rejects.toThrow(
      'chat.postMessage: invalid_blocks; [ERROR] must be less than 151 characters',
    );
  });

  test('that is rate-limited is not sent again before its time, while other methods go on', async () => {
    const { api, calls } = await slackThat(answering(429, {}, { 'retry-after': '30' }));
    expect(await failureOf(api)).toMatchObject({ retryAfterMs: 30_000, code: 'SLACK_RATE_LIMITED' });
    await expect(api.post(message)).rejects.toThrow(RateLimitedError);
    await expect(api.turn('C0RONDA', Number.POSITIVE_INFINITY)).rejects.toThrow(RateLimitedError);
    await expect(api.delete('C0RONDA', '1.000001')).rejects.toThrow(RateLimitedError);
    expect(calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.delete']);
  });

  test('never shows the token, not even where the token cannot be sent', async () => {
    const { api, calls } = await slackThat(answering(200, { ok: true }), { token: `${token}\nx` });
    const error = await failureOf(api);
    expect(calls).toEqual([]);
    expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain('secret-part');
  });
});

describe('a listing', () => {
  const page = {
    ok: true,
    messages: [
      {
        ts: '2.000001',
        user: 'U0RONDA',
        bot_id: 'B0RONDA',
        metadata: { event_type: 'ronda_message', event_payload: { key: 'a/b' } },
      },
      { ts: '1.000002', user: 'U0SARI', metadata: { event_type: 'deploy', event_payload: { key: 'a/b' } } },
      { ts: '1.000001' },
    ],
    response_metadata: { next_cursor: 'bmV4dA==' },
  };

  test('gives the keys of Ronda’s messages, and where the next page is', async () => {
    const { api, calls } = await slackThat(answering(200, page));
    expect(await api.history({ channel: 'C0RONDA', oldest: 1_795_453_140_123 })).toEqual({
      messages: [
        { ts: '2.000001', user: 'U0RONDA', botId: 'B0RONDA', key: 'a/b' },
        { ts: '1.000002', user: 'U0SARI', botId: undefined, key: undefined },
        { ts: '1.000001', user: undefined, botId: undefined, key: undefined },
      ],
      next: 'bmV4dA==',
    });
    expect(calls).toEqual([
      {
        method: 'conversations.history',
        form: { channel: 'C0RONDA', oldest: '1795453140.123000', limit: '200', include_all_metadata: 'true' },
      },
    ]);
  });

  test('ends with an empty cursor', async () => {
    const last = { ...page, response_metadata: { next_cursor: '' } };
    const { api, calls } = await slackThat(answering(200, last));
    const request = { channel: 'C0RONDA', oldest: 0, threadTs: '1.000001', cursor: 'bmV4dA==' };
    expect((await api.replies(request)).next).toBeUndefined();
    expect(calls).toMatchObject([
      { method: 'conversations.replies', form: { ts: '1.000001', cursor: 'bmV4dA==' } },
    ]);
  });
});

describe('an address', () => {
  test('that nobody has is nobody', async () => {
    const { api } = await slackThat(answering(200, { ok: false, error: 'users_not_found' }));
    expect(await api.lookupByEmail('nobody@example.com')).toBeNull();
  });

  test('that somebody has gives the user', async () => {
    const { api } = await slackThat(answering(200, { ok: true, user: { id: 'U0SARI' } }));
    expect(await api.lookupByEmail('sari@example.com')).toBe('U0SARI');
  });
});
