import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { reasonOf } from '../../errors.ts';
import type { Block } from './content.ts';
import type { Pacing } from './messenger/pacing.ts';
import { slackFetch } from './outbound.ts';
import { postMethod } from './messenger/pacing.ts';
import type { TokenWatch } from './night/token.ts';
import { AmbiguousError, classify, RateLimitedError, RefusedError } from './slack-errors.ts';

/** The metadata type under which Ronda finds its own messages again. */
const metadataType = 'ronda_message';

export type SentContent = { readonly text: string; readonly blocks: readonly Block[] };
export type PostRequest = SentContent & {
  readonly channel: string;
  readonly threadTs?: string | undefined;
  /** What the message is; kept by Slack as its metadata. */
  readonly key: string;
};

/** A message as a listing shows it. */
export type ListedMessage = {
  readonly ts: string;
  readonly user: string | undefined;
  readonly botId: string | undefined;
  /** The key of one of Ronda's, by whichever app. */
  readonly key: string | undefined;
};
export type ListedPage = { readonly messages: readonly ListedMessage[]; readonly next: string | undefined };
export type ListRequest = {
  readonly channel: string;
  /** Real ms; exclusive. */
  readonly oldest: number;
  readonly cursor?: string | undefined;
};

/** Every call that Ronda's own messages need, and no other. Each throws one of the errors of `slack-errors.ts`. */
export type SlackApi = {
  /** Waits for the channel's turn, at most so many ms; see `Pacing`. */
  readonly turn: (channel: string, withinMs: number) => Promise<void>;
  readonly post: (request: PostRequest) => Promise<{ readonly channel: string; readonly ts: string }>;
  /** Edits; the metadata stays. */
  readonly update: (request: SentContent & { channel: string; ts: string }) => Promise<void>;
  readonly delete: (channel: string, ts: string) => Promise<void>;
  /** A page of a channel, newest first, without the replies in threads. */
  readonly history: (request: ListRequest) => Promise<ListedPage>;
  /** A page of a thread, its parent included. */
  readonly replies: (request: ListRequest & { readonly threadTs: string }) => Promise<ListedPage>;
  readonly permalink: (channel: string, ts: string) => Promise<string>;
  /** @returns the user's id, null when nobody has that address */
  readonly lookupByEmail: (email: string) => Promise<string | null>;
  readonly authTest: () => Promise<Identity>;
};
export type Identity = {
  readonly userId: string;
  readonly botId: string | undefined;
  readonly teamId: string;
  /** Undefined where Slack does not tell. */
  readonly appId: string | undefined;
  readonly url: string;
};

export type SlackApiOptions = {
  readonly token: string;
  readonly slackApiUrl?: string | undefined;
  /** A post is bound to end well inside the lease under which it is made. */
  readonly leaseSeconds: number;
  readonly pacing: Pacing;
  /** Called after every call, and of how it failed, if it did. */
  readonly asked?: TokenWatch['asked'] | undefined;
};

/** Slack's own advice is at most 200: https://docs.slack.dev/apis/web-api/pagination */
const pageSize = 200;

const posted = z.object({ channel: z.string(), ts: z.string() });
const metadata = z.object({
  event_type: z.literal(metadataType),
  event_payload: z.object({ key: z.string() }),
});
const listed = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().optional(),
      bot_id: z.string().optional(),
      metadata: z.unknown().optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const identity = z.object({
  user_id: z.string(),
  bot_id: z.string().optional(),
  team_id: z.string(),
  url: z.string(),
});
const botInfo = z.object({ bot: z.object({ app_id: z.string().optional() }) });

/**
 * Slack for posting: a client of its own that never repeats a call. By default the client retries ten times,
 * waits for ever and stops its whole queue at a 429; a post whose answer got lost would be there twice.
 */
export function createSlackApi(options: SlackApiOptions): SlackApi {
  const { token, slackApiUrl, leaseSeconds, pacing, asked = () => undefined } = options;
  const client = new webApi.WebClient(token, {
    ...(slackApiUrl === undefined ? {} : { slackApiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: Math.ceil((leaseSeconds * 1_000) / 6),
    logger: mute,
    fetch: fetchHere(slackFetch(slackApiUrl)),
  });

  const call = async <T>(
    method: string,
    schema: z.ZodType<T>,
    args: Record<string, unknown>,
    channel?: string,
  ): Promise<T> => {
    pacing.admit(method, channel);
    try {
      const answer = schema.safeParse(await client.apiCall(method, args));
      asked();
      if (answer.success) return answer.data;
      throw new AmbiguousError(method, `unexpected answer: ${z.prettifyError(answer.error)}`);
    } catch (error) {
      const classified = classify(method, error);
      asked(classified);
      if (classified instanceof RateLimitedError) pacing.heed(classified, channel);
      throw classified;
    }
  };
  const list = async (
    method: string,
    { channel, oldest, cursor }: ListRequest,
    more: Record<string, unknown> = {},
  ): Promise<ListedPage> => {
    const page = await call(method, listed, {
      channel,
      oldest: (Math.max(oldest, 0) / 1_000).toFixed(6),
      limit: pageSize,
      include_all_metadata: true,
      cursor,
      ...more,
    });
    return {
      messages: page.messages.map((message) => ({
        ts: message.ts,
        user: message.user,
        botId: message.bot_id,
        key: metadata.safeParse(message.metadata).data?.event_payload.key,
      })),
      // Slack ends a listing with an empty cursor.
      next: page.response_metadata?.next_cursor === '' ? undefined : page.response_metadata?.next_cursor,
    };
  };
  const done = z.object({});

  return {
    turn: pacing.turn,
    post: ({ channel, threadTs, text, blocks, key }) =>
      call(
        postMethod,
        posted,
        {
          channel,
          text,
          blocks,
          thread_ts: threadTs,
          metadata: { event_type: metadataType, event_payload: { key } },
          unfurl_links: false,
          unfurl_media: false,
        },
        channel,
      ),
    update: async ({ channel, ts, text, blocks }) => {
      await call('chat.update', done, { channel, ts, text, blocks });
    },
    delete: async (channel, ts) => {
      await call('chat.delete', done, { channel, ts });
    },
    history: (request) => list('conversations.history', request),
    replies: (request) => list('conversations.replies', request, { ts: request.threadTs }),
    permalink: async (channel, ts) =>
      (await call('chat.getPermalink', z.object({ permalink: z.string() }), { channel, message_ts: ts }))
        .permalink,
    lookupByEmail: async (email) => {
      try {
        const found = z.object({ user: z.object({ id: z.string() }) });
        return (await call('users.lookupByEmail', found, { email })).user.id;
      } catch (error) {
        if (error instanceof RefusedError && error.error === 'users_not_found') return null;
        throw error;
      }
    },
    authTest: async () => {
      const { user_id, bot_id, team_id, url } = await call('auth.test', identity, {});
      const about = bot_id === undefined ? undefined : await call('bots.info', botInfo, { bot: bot_id });
      return { userId: user_id, botId: bot_id, teamId: team_id, appId: about?.bot.app_id, url };
    },
  };
}

/**
 * The client keeps the cause of instances of its own Error alone; in another realm (Jest's) `fetch` throws others,
 * and a refused connection would look like any other failure.
 */
const fetchHere =
  (fetchSlack: typeof fetch): typeof fetch =>
  async (...request) => {
    try {
      return await fetchSlack(...request);
    } catch (cause) {
      throw new Error(reasonOf(cause), { cause });
    }
  };

/** The client would log what we throw, and in a header's error the token with it. */
const mute = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => undefined,
};
