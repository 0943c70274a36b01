import type {
  ListedMessage,
  ListedPage,
  ListRequest,
  PostRequest,
} from '../../../src/transports/slack/api.ts';
import type { MessengerApi } from '../../../src/transports/slack/messenger/leased-row.ts';
import { RefusedError } from '../../../src/transports/slack/slack-errors.ts';

export type FakeMessage = {
  readonly ts: string;
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly key: string;
  readonly user: string;
  text: string;
  blocks: unknown;
  edits: number;
};

export type FakeSlack = MessengerApi & {
  readonly messages: FakeMessage[];
  readonly calls: string[];
  /** The next call of a method fails so, before or after its work. */
  readonly fail: (
    method: 'post' | 'update' | 'delete' | 'history' | 'replies' | 'turn' | 'authTest',
    error: Error,
    when?: 'before' | 'after',
  ) => void;
  /** A post that arrives by itself, late or from another app. */
  readonly land: (request: Omit<PostRequest, 'blocks'>, user?: string) => string;
  /** Somebody deletes a message. */
  readonly lose: (ts: string) => void;
};

type Failing = { readonly error: Error; readonly when: 'before' | 'after' };
const us = {
  userId: 'U0RONDA',
  botId: 'B0RONDA',
  teamId: 'T0RONDA',
  appId: 'A0RONDA',
  url: 'https://ronda.slack.example/',
};

/** Slack in memory, as far as the messenger can tell; listings come in pages of `pageSize`. */
export function fakeSlack(real: () => number, pageSize = 2): FakeSlack {
  const messages: FakeMessage[] = [];
  const calls: string[] = [];
  const failing = new Map<string, Failing[]>();
  let serial = 0;

  const call = async <T>(method: string, work: () => T): Promise<T> => {
    calls.push(method);
    const fault = failing.get(method)?.shift();
    if (fault?.when === 'before') throw fault.error;
    const result = await Promise.resolve(work());
    if (fault !== undefined) throw fault.error;
    return result;
  };
  const land: FakeSlack['land'] = ({ channel, threadTs, key, text }, user = us.userId) => {
    serial += 1;
    const ts = `${Math.floor(real() / 1_000)}.${String(serial).padStart(6, '0')}`;
    messages.push({ ts, channel, threadTs, key, text, user, blocks: [], edits: 0 });
    return ts;
  };
  const find = (method: string, channel: string, ts: string): FakeMessage => {
    const message = messages.find((one) => one.channel === channel && one.ts === ts);
    if (message === undefined) throw new RefusedError(method, 'message_not_found');
    return message;
  };
  const lose = (ts: string): void => {
    const index = messages.findIndex((message) => message.ts === ts);
    if (index >= 0) messages.splice(index, 1);
  };
  const page = ({ channel, oldest, cursor = '0' }: ListRequest, threadTs?: string): ListedPage => {
    const start = Number(cursor);
    const listed = messages
      .filter(
        (one) => one.channel === channel && one.threadTs === threadTs && Number(one.ts) * 1_000 > oldest,
      )
      .reverse()
      .map(({ ts, user, key }): ListedMessage => ({ ts, user, botId: undefined, key }));
    const next = start + pageSize < listed.length ? String(start + pageSize) : undefined;
    return { messages: listed.slice(start, start + pageSize), next };
  };

  return {
    messages,
    calls,
    land,
    lose,
    fail: (method, error, when = 'before') => {
      failing.set(method, [...(failing.get(method) ?? []), { error, when }]);
    },
    turn: () => call('turn', () => undefined),
    authTest: () => call('authTest', () => us),
    post: (request) =>
      call('post', () => {
        const ts = land(request);
        find('chat.postMessage', request.channel, ts).blocks = request.blocks;
        return { channel: request.channel, ts };
      }),
    update: ({ channel, ts, text, blocks }) =>
      call('update', () => {
        const message = find('chat.update', channel, ts);
        Object.assign(message, { text, blocks, edits: message.edits + 1 });
      }),
    delete: (channel, ts) =>
      call('delete', () => {
        find('chat.delete', channel, ts);
        lose(ts);
      }),
    history: (request) => call('history', () => page(request)),
    replies: (request) => call('replies', () => page(request, request.threadTs)),
  };
}
