import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { flag, isMalformed, list, object, optionalText } from './api/arguments.ts';
import { messageAt } from './changes.ts';
import { contentOf, post, refuse, remove, update, type Refusal } from './messages.ts';
import type { World } from './world.ts';

/** What a `response_url` belongs to. */
export type Origin = {
  readonly channel: string;
  readonly user: string;
  /** The message that the button was in. */
  readonly ts?: string;
  /** The same, of a message that only this person sees. */
  readonly ephemeral_ts?: string;
  readonly thread_ts?: string;
};

/** What may be answered to a person's act. https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
export const response = z.object({
  text: optionalText,
  blocks: list,
  metadata: object,
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: flag,
  delete_original: flag,
  thread_ts: optionalText,
});
type Said = z.infer<typeof response>;

export type ResponseUrls = {
  /** A new address: good five times within 30 minutes. */
  readonly issue: (origin: Origin) => string;
  /** Says what was posted to an address. */
  readonly use: (id: string, said: unknown) => { readonly ok: true } | Refusal;
};

const maxUses = 5;
const lifeMs = 30 * 60_000;

export function createResponseUrls(world: World, url: () => string): ResponseUrls {
  const issued = new Map<string, { origin: Origin; until: number; uses: number }>();
  return {
    issue: (origin) => {
      const now = world.clock.real();
      for (const [id, { until }] of issued) if (until < now) issued.delete(id);
      const id = randomBytes(18).toString('base64url');
      issued.set(id, { origin, until: now + lifeMs, uses: 0 });
      return `${url()}/response/${id}`;
    },
    use: (id, said) => {
      const found = issued.get(id);
      if (found === undefined || found.until < world.clock.real()) return refuse('expired_url');
      if (found.uses >= maxUses) return refuse('used_url');
      const parsed = response.safeParse(said);
      if (!parsed.success) return refuse('invalid_payload', [parsed.error.message]);
      const done = respond(world, found.origin, parsed.data);
      if (done.ok) found.uses += 1;
      return done;
    },
  };
}

/** Shows an answer: to the asker alone, to the channel, or in place of the message that was acted on. */
export function respond(world: World, origin: Origin, said: Said): { readonly ok: true } | Refusal {
  if (isMalformed(said.blocks)) return refuse('invalid_blocks_format');
  const { channel, user, ts, ephemeral_ts } = origin;
  const workspace = world.workspace();
  const { replace_original: replaces = false, delete_original: deletes = false } = said;
  if (deletes && ephemeral_ts !== undefined) {
    world.hide(channel, ephemeral_ts);
    return { ok: true };
  }
  if (deletes && ts !== undefined) return commit(world, remove(workspace, channel, ts));
  if (replaces && ts !== undefined && messageAt(workspace, channel, ts)) {
    return commit(world, update(workspace, { ...said, channel, ts }, world.nextTs()));
  }
  if (said.response_type === 'in_channel') {
    const thread_ts = said.thread_ts ?? origin.thread_ts;
    return commit(world, post(workspace, { ...said, channel, thread_ts }, world.nextTs()));
  }
  const content = contentOf(said, world.nextTs());
  if (!content.ok) return content;
  if (replaces && ephemeral_ts !== undefined) world.hide(channel, ephemeral_ts);
  world.show({ channel, user, message: content.value });
  return { ok: true };
}

function commit(
  world: World,
  decision: ReturnType<typeof post> | ReturnType<typeof update> | ReturnType<typeof remove>,
): { readonly ok: true } | Refusal {
  if (!decision.ok) return decision;
  world.commit(decision.value);
  return { ok: true };
}
