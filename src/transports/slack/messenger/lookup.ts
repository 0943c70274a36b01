import type { ListedMessage, ListedPage, SlackApi } from '../api.ts';
import { compareTs } from './lease.ts';
import { RefusedError } from '../slack-errors.ts';

export type LookupApi = Pick<SlackApi, 'history' | 'replies' | 'authTest'>;
export type Place = { readonly channel: string; readonly threadTs?: string | undefined };

/** Clocks of machines and of Slack differ; no attempt is dated later than this before its message. Real ms. */
export const clockSlackMs = 60_000;

/** Finds our messages of a key since a real instant. @returns their `ts`, the earliest first */
export type Lookup = (key: string, place: Place, since: number) => Promise<readonly string[]>;

/**
 * Looks in the channel's history, for a reply in its thread's. Only what our own bot posted counts: another
 * installation may share the channel, its board's name and so the keys, and its messages cannot be edited by us.
 */
export function createLookup(api: LookupApi): Lookup {
  let isOurs: Promise<(message: ListedMessage) => boolean> | undefined;
  const recogniser = async (): Promise<(message: ListedMessage) => boolean> => {
    const us = await api.authTest();
    return ({ user, botId }) => user === us.userId || (botId !== undefined && botId === us.botId);
  };

  const page = (place: Place, oldest: number, cursor: string | undefined): Promise<ListedPage> => {
    const { channel, threadTs } = place;
    return threadTs === undefined
      ? api.history({ channel, oldest, cursor })
      : api.replies({ channel, threadTs, oldest, cursor });
  };

  return async (key, place, since) => {
    isOurs ??= recogniser();
    const ours = await isOurs.catch((error: unknown) => {
      isOurs = undefined;
      throw error;
    });
    const found = new Set<string>();
    let cursor: string | undefined;
    do {
      const { messages, next } = await page(place, since - clockSlackMs, cursor).catch(emptyIfGone);
      for (const message of messages) if (message.key === key && ours(message)) found.add(message.ts);
      cursor = next;
    } while (cursor !== undefined);
    return [...found].sort(compareTs);
  };
}

/** A thread whose parent was deleted holds no message of ours that anybody could see. */
function emptyIfGone(error: unknown): ListedPage {
  if (error instanceof RefusedError && error.kind === 'message') return { messages: [], next: undefined };
  throw error;
}
