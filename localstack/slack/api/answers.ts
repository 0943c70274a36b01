import { optional } from '../changes.ts';
import type { Refusal } from '../messages.ts';
import { bot, team, type Message, type User } from '../state.ts';

/** An answer of the Web API: always HTTP 200, `ok` says how it went. */
export type Answer = { readonly ok: boolean; readonly error?: string } & Readonly<Record<string, unknown>>;

/** A refusal in Slack's words; details as `response_metadata.messages`, where the client logs them. */
export function answerOf({ error, details }: Refusal): Answer {
  if (details === undefined) return { ok: false, error };
  return {
    ok: false,
    error,
    errors: details,
    response_metadata: { messages: details.map((detail) => `[ERROR] ${detail}`) },
  };
}

/** A message as the Web API returns it. @param withMetadata only when the caller asked for it */
export function messageView(message: Message, { withMetadata }: { readonly withMetadata: boolean }) {
  const { ts, thread_ts, user, bot_id, subtype, text, blocks, metadata, edited, reply_count } = message;
  return {
    type: 'message',
    ...(subtype === undefined ? { team: team.id, app_id: bot.app_id } : { subtype, hidden: true }),
    ...optional({ user, bot_id, text, ts, blocks, edited, thread_ts }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
    // A parent is a member of its own thread.
    ...(reply_count > 0 ? { thread_ts: ts, reply_count } : {}),
  };
}

export function userView({ id, name, email }: User) {
  return {
    id,
    team_id: team.id,
    name,
    real_name: name,
    deleted: false,
    is_bot: false,
    tz: 'Asia/Jakarta',
    profile: { display_name: name, real_name: name, email },
  };
}
