import { z } from 'zod';
import { view } from './api/block-schemas.ts';

/** What the workspace knows, what changes it, and what the page is told. Every shape is fixed here. */

export const team = { id: 'T0RONDA', name: 'Ronda', domain: 'ronda' } as const;
export const bot = { user: 'U0RONDA', bot_id: 'B0RONDA', app_id: 'A0RONDA' } as const;

/** Seconds and microseconds since the Unix epoch: a message's name in its channel. */
export const timestamp = z.string().regex(/^\d{1,10}\.\d{6}$/);
export const channelId = z.string().regex(/^[CG][A-Z0-9]+$/);
export const userId = z.string().regex(/^[UW][A-Z0-9]+$/);

export const channel = z.object({
  id: channelId,
  name: z.string().min(1).max(80),
  archived: z.boolean().default(false),
  /** Whether the bot is in it. */
  member: z.boolean().default(true),
});
export type Channel = z.infer<typeof channel>;

export const user = z.object({ id: userId, name: z.string().min(1).max(80), email: z.email() });
export type User = z.infer<typeof user>;

/** Values are flat: https://docs.slack.dev/messaging/message-metadata */
export const metadata = z.strictObject({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number(), z.boolean()]))]),
  ),
});
export type Metadata = z.infer<typeof metadata>;

/** A block that was found valid when it came; not judged again when it is read back. */
const keptBlock = z.looseObject({ type: z.string(), block_id: z.string().optional() });
export type KeptBlock = z.infer<typeof keptBlock>;

const content = { text: z.string(), blocks: z.array(keptBlock).optional(), metadata: metadata.optional() };

export const message = z.object({
  channel: channelId,
  ts: timestamp,
  /** Of a reply: its parent's `ts`. */
  thread_ts: timestamp.optional(),
  user: z.string(),
  bot_id: z.string().optional(),
  /** Left in place of a deleted message that has replies. */
  subtype: z.literal('tombstone').optional(),
  ...content,
  edited: z.object({ user: z.string(), ts: timestamp }).optional(),
  edits: z.int(),
  reply_count: z.int(),
});
export type Message = z.infer<typeof message>;

/** What a message said before an edit; `until` is the edit's `ts`. */
const version = z.object({ until: timestamp, ...content });

export const storedMessage = message.extend({ history: z.array(version) });
export type StoredMessage = z.infer<typeof storedMessage>;

export const app = z.object({
  request_url: z.url({ protocol: /^https?$/ }),
  signing_secret: z.string().min(1),
});
export type RegisteredApp = z.infer<typeof app>;

export const home = z.object({ user: userId, id: z.string(), view: view });
export type Home = z.infer<typeof home>;

/** A line of the journal. `kept` is a message as it stands, the others are what happened. */
export const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('channel'), channel }),
  z.object({ kind: z.literal('user'), user }),
  z.object({ kind: z.literal('posted'), message: storedMessage }),
  z.object({
    kind: z.literal('edited'),
    channel: channelId,
    ts: timestamp,
    edited: z.object({ user: z.string(), ts: timestamp }),
    ...content,
  }),
  z.object({ kind: z.literal('deleted'), channel: channelId, ts: timestamp }),
  z.object({ kind: z.literal('home'), home }),
  z.object({ kind: z.literal('app'), app }),
  z.object({ kind: z.literal('kept'), message: storedMessage }),
  z.object({ kind: z.literal('reached'), micros: z.int() }),
]);
export type Change = z.infer<typeof change>;

/** What only one person sees; it is not kept over a restart, as it is not in Slack. */
export type Ephemeral = {
  readonly channel: string;
  readonly user: string;
  readonly message: { readonly ts: string; readonly text: string; readonly blocks?: readonly KeptBlock[] };
};

/** What `GET /ui/events` sends, one JSON object a `data:` line. */
export type UiEvent =
  | { readonly type: 'posted' | 'edited'; readonly message: Message }
  | { readonly type: 'deleted'; readonly channel: string; readonly ts: string }
  | ({ readonly type: 'ephemeral' } & Ephemeral)
  | { readonly type: 'home'; readonly user: string; readonly view: z.infer<typeof view> };

/** What `GET /ui/state` answers. */
export type UiState = {
  readonly team: typeof team;
  readonly channels: readonly Pick<Channel, 'id' | 'name'>[];
  readonly users: readonly User[];
  readonly messages: readonly Message[];
  readonly homes: readonly { readonly user: string; readonly view: z.infer<typeof view> }[];
};
