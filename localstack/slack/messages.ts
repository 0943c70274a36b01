import { messageProblems, type Problem } from './api/block-kit.ts';
import { messageAt, optional, type Workspace } from './changes.ts';
import { bot, metadata, type Change, type KeptBlock, type Metadata, type StoredMessage } from './state.ts';
import { microsOf } from './timestamps.ts';

/** What Slack decides about messages. Pure: the workspace, what is asked and the next `ts` are arguments. */

export type Refusal = { readonly ok: false; readonly error: string; readonly details?: readonly string[] };
export type Decision<T> = { readonly ok: true; readonly value: T } | Refusal;

/** What a caller wants said; blocks and metadata as they came, not yet judged. */
export type Wanted = {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly metadata?: unknown;
};

type Posted = Extract<Change, { kind: 'posted' }>;
type Edited = Extract<Change, { kind: 'edited' }>;
type Deleted = Extract<Change, { kind: 'deleted' }>;

/** Longer texts are cut on posting: https://docs.slack.dev/reference/methods/chat.postMessage */
const maxPostedText = 40_000;

/** A new message of the bot's. */
export function post(
  workspace: Workspace,
  wanted: Wanted & { readonly channel: string; readonly thread_ts?: string | undefined },
  ts: string,
): Decision<Posted> {
  const { channel, thread_ts } = wanted;
  const refusal = refusalOfWriting(workspace, channel);
  if (refusal !== undefined) return refusal;
  const parent = thread_ts === undefined ? undefined : messageAt(workspace, channel, thread_ts);
  if (thread_ts !== undefined && parent === undefined) return refuse('thread_not_found');
  const said = contentOf(wanted, ts, Infinity);
  if (!said.ok) return said;
  // A reply to a reply belongs to the thread of the first message.
  const root = parent?.thread_ts ?? thread_ts;
  const message = {
    channel,
    ts,
    ...optional({ thread_ts: root }),
    user: bot.user,
    bot_id: bot.bot_id,
    ...said.value,
    text: said.value.text.slice(0, maxPostedText),
    edits: 0,
    reply_count: 0,
    history: [],
  };
  return { ok: true, value: { kind: 'posted', message } };
}

/**
 * An edit by the bot of its own message. Text without blocks drops the blocks; metadata that is left out is
 * kept, an empty object removes it.
 */
export function update(
  workspace: Workspace,
  wanted: Wanted & { readonly channel: string; readonly ts: string },
  ts: string,
): Decision<Edited> {
  const refusal = refusalOfWriting(workspace, wanted.channel);
  if (refusal !== undefined) return refusal;
  const before = messageAt(workspace, wanted.channel, wanted.ts);
  if (before === undefined || before.subtype === 'tombstone') return refuse('message_not_found');
  if (before.user !== bot.user) return refuse('cant_update_message');
  const drops = isEmptyObject(wanted.metadata);
  const said = contentOf({ ...wanted, metadata: drops ? undefined : wanted.metadata }, ts);
  if (!said.ok) return said;
  const value: Edited = {
    kind: 'edited',
    channel: wanted.channel,
    ts: wanted.ts,
    edited: { user: bot.user, ts },
    ...(drops ? {} : optional({ metadata: before.metadata })),
    ...said.value,
  };
  return { ok: true, value };
}

/** A deletion by the bot of its own message. */
export function remove(workspace: Workspace, channel: string, ts: string): Decision<Deleted> {
  const refusal = refusalOfWriting(workspace, channel);
  if (refusal !== undefined) return refusal;
  const before = messageAt(workspace, channel, ts);
  if (before === undefined || before.subtype === 'tombstone') return refuse('message_not_found');
  if (before.user !== bot.user) return refuse('cant_delete_message');
  return { ok: true, value: { kind: 'deleted', channel, ts } };
}

/** What a message will say, judged. @param maxText characters of `text`; 4,000 unless given */
export function contentOf(
  wanted: Wanted,
  ts: string,
  maxText?: number,
): Decision<{ text: string; blocks?: KeptBlock[]; metadata?: Metadata }> {
  const problems = messageProblems(wanted, maxText === undefined ? {} : { text: maxText });
  if (problems[0] !== undefined) return refusalOf(problems[0], problems);
  const parsed = metadata.optional().safeParse(wanted.metadata);
  if (!parsed.success) return refuse('invalid_metadata_format', [parsed.error.message]);
  const blocks = isBlocks(wanted.blocks) ? named(wanted.blocks, ts) : undefined;
  return {
    ok: true,
    value: { text: wanted.text ?? '', ...optional({ blocks, metadata: parsed.data }) },
  };
}

export type Range = {
  readonly oldest?: string | undefined;
  /** 1 to 999, 100 unless given. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};
export type Page = {
  readonly messages: readonly StoredMessage[];
  readonly has_more: boolean;
  readonly next_cursor?: string;
};

/** Messages of a channel, newest first, without replies. https://docs.slack.dev/reference/methods/conversations.history */
export function history(workspace: Workspace, channel: string, range: Range): Decision<Page> {
  const refusal = refusalOfReading(workspace, channel);
  if (refusal !== undefined) return refusal;
  const messages = [...(workspace.messages.get(channel)?.values() ?? [])];
  return pageOf(messages.filter(({ thread_ts }) => thread_ts === undefined).reverse(), range);
}

/** A thread: the parent, then its replies, oldest first. https://docs.slack.dev/reference/methods/conversations.replies */
export function replies(workspace: Workspace, channel: string, ts: string, range: Range): Decision<Page> {
  const refusal = refusalOfReading(workspace, channel);
  if (refusal !== undefined) return refusal;
  const one = messageAt(workspace, channel, ts);
  if (one === undefined) return refuse('thread_not_found');
  const root = one.thread_ts ?? ts;
  const thread = [...(workspace.messages.get(channel)?.values() ?? [])].filter(
    (message) => message.ts === root || message.thread_ts === root,
  );
  return pageOf(thread, range, root);
}

/** @param always the `ts` of a message that `oldest` does not shut out: the parent of a thread */
function pageOf(messages: readonly StoredMessage[], range: Range, always?: string): Decision<Page> {
  const { limit = 100 } = range;
  if (limit < 1 || limit > 999) return refuse('invalid_limit');
  const oldest = range.oldest === undefined ? 0 : microsOf(range.oldest);
  if (oldest === undefined) return refuse('invalid_ts_oldest');
  const within = messages.filter(({ ts }) => ts === always || (microsOf(ts) ?? 0) > oldest);
  const first = startOf(within, range.cursor);
  if (first === undefined) return refuse('invalid_cursor');
  const next = within[first + limit];
  return {
    ok: true,
    value: {
      messages: within.slice(first, first + limit),
      has_more: next !== undefined,
      ...(next === undefined ? {} : { next_cursor: Buffer.from(`next_ts:${next.ts}`).toString('base64') }),
    },
  };
}

/** Where the page of a cursor begins; the message that it names may have been deleted since. */
function startOf(messages: readonly StoredMessage[], cursor: string | undefined): number | undefined {
  if (cursor === undefined || cursor === '') return 0;
  const ts = /^next_ts:(\d+\.\d{6})$/.exec(Buffer.from(cursor, 'base64').toString())?.[1];
  if (ts === undefined) return undefined;
  const isNewestFirst = (messages[0]?.ts ?? '') > (messages.at(-1)?.ts ?? '');
  const found = messages.findIndex((message) => (isNewestFirst ? message.ts <= ts : message.ts >= ts));
  return found === -1 ? messages.length : found;
}

function refusalOfReading(workspace: Workspace, id: string): Refusal | undefined {
  const channel = workspace.channels.get(id);
  // A name is no id: `#eod` is not found either.
  if (channel === undefined) return refuse('channel_not_found');
  return channel.member ? undefined : refuse('not_in_channel');
}

function refusalOfWriting(workspace: Workspace, id: string): Refusal | undefined {
  return (
    refusalOfReading(workspace, id) ??
    (workspace.channels.get(id)?.archived === true ? refuse('is_archived') : undefined)
  );
}

export function refuse(error: string, details: readonly string[] = []): Refusal {
  return { ok: false, error, ...(details.length === 0 ? {} : { details }) };
}

export function refusalOf(first: Problem, problems: readonly Problem[]): Refusal {
  return refuse(
    first.error,
    problems.map(({ detail }) => detail),
  );
}

/** Slack names every block that has no name; new on every edit. */
function named(blocks: readonly KeptBlock[], ts: string): KeptBlock[] {
  return blocks.map((block, index) => ({ ...block, block_id: block.block_id ?? `${ts}/${index}` }));
}

/** Only asked of blocks that were found valid. */
function isBlocks(blocks: unknown): blocks is KeptBlock[] {
  return Array.isArray(blocks) && blocks.length > 0;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
