import { assertNever } from '../../src/events/assert-never.ts';
import type { Change, Channel, Home, RegisteredApp, StoredMessage, User } from './state.ts';
import { microsOf } from './timestamps.ts';

/** All that the workspace remembers. Messages lie by channel and `ts`, oldest first. */
export type Workspace = {
  readonly channels: ReadonlyMap<string, Channel>;
  readonly users: ReadonlyMap<string, User>;
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, StoredMessage>>;
  readonly homes: ReadonlyMap<string, Home>;
  /** Where the app listens, newest last. */
  readonly apps: readonly RegisteredApp[];
  /** The latest `ts` ever given, in microseconds. */
  readonly micros: number;
};

const maxApps = 5;
/** A board that is edited for days must not grow without end. */
const maxVersions = 100;

const people = [
  ['U0SARI', 'sari'],
  ['U0BUDI', 'budi'],
  ['U0PUTRI', 'putri'],
  ['U0AGUS', 'agus'],
  ['U0DEWI', 'dewi'],
  ['U0WAYAN', 'wayan'],
] as const;

/** A workspace on its first day: one channel and the people in it. */
export const newWorkspace: Workspace = {
  channels: new Map([['C0RONDA', { id: 'C0RONDA', name: 'eod', archived: false, member: true }]]),
  users: new Map(people.map(([id, name]) => [id, { id, name, email: `${name}@example.com` }])),
  messages: new Map(),
  homes: new Map(),
  apps: [],
  micros: 0,
};

/** The workspace after a change. Pure: a journal read again gives the same workspace. */
export function apply(workspace: Workspace, change: Change): Workspace {
  switch (change.kind) {
    case 'channel':
      return { ...workspace, channels: put(workspace.channels, change.channel.id, change.channel) };
    case 'user':
      return { ...workspace, users: put(workspace.users, change.user.id, change.user) };
    case 'home':
      return { ...workspace, homes: put(workspace.homes, change.home.user, change.home) };
    case 'app': {
      const others = workspace.apps.filter(({ request_url }) => request_url !== change.app.request_url);
      return { ...workspace, apps: [...others, change.app].slice(-maxApps) };
    }
    case 'reached':
      return { ...workspace, micros: Math.max(workspace.micros, change.micros) };
    case 'kept':
      return withMessage(workspace, change.message);
    case 'posted':
      return countReply(withMessage(workspace, change.message), change.message, 1);
    case 'edited':
      return edit(workspace, change);
    case 'deleted':
      return remove(workspace, change);
    default:
      return assertNever(change);
  }
}

/** Changes that lead from a new workspace to this one: what a journal is rewritten to. */
export function snapshot(workspace: Workspace): Change[] {
  return [
    ...[...workspace.channels.values()].map((channel) => ({ kind: 'channel', channel }) as const),
    ...[...workspace.users.values()].map((user) => ({ kind: 'user', user }) as const),
    ...[...workspace.messages.values()].flatMap((messages) =>
      [...messages.values()].map((message) => ({ kind: 'kept', message }) as const),
    ),
    ...[...workspace.homes.values()].map((home) => ({ kind: 'home', home }) as const),
    ...workspace.apps.map((app) => ({ kind: 'app', app }) as const),
    { kind: 'reached', micros: workspace.micros },
  ];
}

export function messageAt(workspace: Workspace, channel: string, ts: string): StoredMessage | undefined {
  return workspace.messages.get(channel)?.get(ts);
}

function edit(workspace: Workspace, change: Extract<Change, { kind: 'edited' }>): Workspace {
  const before = messageAt(workspace, change.channel, change.ts);
  if (before === undefined) return workspace;
  const { text, blocks, metadata, history, ...place } = before;
  const past = { until: change.edited.ts, text, ...optional({ blocks, metadata }) };
  return withMessage(workspace, {
    ...place,
    text: change.text,
    ...optional({ blocks: change.blocks, metadata: change.metadata }),
    edited: change.edited,
    edits: before.edits + 1,
    history: [...history, past].slice(-maxVersions),
  });
}

function remove(workspace: Workspace, { channel, ts }: Extract<Change, { kind: 'deleted' }>): Workspace {
  const before = messageAt(workspace, channel, ts);
  if (before === undefined) return workspace;
  if (before.reply_count > 0) {
    // A thread outlives its parent: https://docs.slack.dev/reference/methods/conversations.replies
    return withMessage(workspace, {
      channel,
      ts,
      user: 'USLACKBOT',
      subtype: 'tombstone',
      text: 'This message was deleted.',
      edits: 0,
      reply_count: before.reply_count,
      history: [],
    });
  }
  return countReply(without(workspace, before), before, -1);
}

function without(workspace: Workspace, { channel, ts }: StoredMessage): Workspace {
  const messages = new Map(workspace.messages.get(channel));
  messages.delete(ts);
  const channels = new Map(workspace.messages);
  if (messages.size === 0) channels.delete(channel);
  else channels.set(channel, messages);
  return { ...workspace, messages: channels };
}

function withMessage(workspace: Workspace, message: StoredMessage): Workspace {
  const messages = put(
    workspace.messages.get(message.channel) ?? new Map<string, StoredMessage>(),
    message.ts,
    message,
  );
  const latest = Math.max(microsOf(message.ts) ?? 0, microsOf(message.edited?.ts ?? '0') ?? 0);
  return {
    ...workspace,
    messages: put(workspace.messages, message.channel, messages),
    micros: Math.max(workspace.micros, latest),
  };
}

function countReply(workspace: Workspace, reply: StoredMessage, by: number): Workspace {
  const parent =
    reply.thread_ts === undefined ? undefined : messageAt(workspace, reply.channel, reply.thread_ts);
  if (parent === undefined) return workspace;
  const counted = { ...parent, reply_count: parent.reply_count + by };
  const isOver = counted.subtype === 'tombstone' && counted.reply_count === 0;
  return isOver ? without(workspace, counted) : withMessage(workspace, counted);
}

function put<T>(map: ReadonlyMap<string, T>, key: string, value: T): ReadonlyMap<string, T> {
  return new Map(map).set(key, value);
}

/** Without the keys whose value is undefined. */
export function optional<T extends object>(cells: T): { [K in keyof T]?: Exclude<T[K], undefined> };
export function optional(cells: object): object {
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== undefined));
}
