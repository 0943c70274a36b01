import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { flag, isMalformed, list, optionalText } from './api/arguments.ts';
import { contentOf, refuse, type Refusal } from './messages.ts';
import type { World } from './world.ts';

/** Who acted, and where: what a `response_url` belongs to. */
export type Origin = { readonly channel: string; readonly user: string };

/**
 * What may be answered to a person's act: as far as Ronda does, something for that person alone.
 * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export const response = z.object({
  text: optionalText,
  blocks: list,
  response_type: z.literal('ephemeral').default('ephemeral'),
  replace_original: flag.refine((value) => value !== true, 'is not supported'),
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

/** Shows an answer to the asker alone. */
export function respond(
  world: World,
  { channel, user }: Origin,
  said: Said,
): { readonly ok: true } | Refusal {
  if (isMalformed(said.blocks)) return refuse('invalid_blocks_format');
  const content = contentOf(said, world.nextTs());
  if (!content.ok) return content;
  world.show({ channel, user, message: content.value });
  return { ok: true };
}
