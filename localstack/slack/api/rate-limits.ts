import { z } from 'zod';
import type { Clock } from '../../../src/clock.ts';

/** How often a method may be called; a burst may come at once, then it fills up evenly. */
const limit = z.strictObject({
  per_minute: z.number().positive(),
  burst: z.number().min(1),
  /** Whether each channel has its own. */
  per_channel: z.boolean().default(false),
});
export const limits = z.record(z.string(), limit);
export type Limits = z.infer<typeof limits>;

const tier3 = { per_minute: 50, burst: 5, per_channel: false };
const tier4 = { per_minute: 100, burst: 10, per_channel: false };

/** Slack's own, as far as it tells them: https://docs.slack.dev/apis/web-api/rate-limits */
export const realisticLimits: Limits = {
  'chat.postMessage': { per_minute: 60, burst: 3, per_channel: true },
  'chat.update': tier3,
  'chat.delete': tier3,
  'conversations.history': tier3,
  'conversations.replies': tier3,
  'users.lookupByEmail': tier3,
  'views.publish': tier4,
};

export type RateLimits = {
  /** No limits: none. */
  readonly set: (limits: Limits) => void;
  /** @returns seconds to wait, or undefined when the call may pass */
  readonly refusal: (method: string, channel: string) => number | undefined;
};

/** Token buckets over real time. */
export function createRateLimits(clock: Clock): RateLimits {
  let current: Limits = {};
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    set: (limits) => {
      current = limits;
      buckets.clear();
    },
    refusal: (method, channel) => {
      const rule = current[method];
      if (rule === undefined) return undefined;
      const key = rule.per_channel ? `${method} ${channel}` : method;
      const now = clock.real();
      const perMs = rule.per_minute / 60_000;
      const before = buckets.get(key) ?? { tokens: rule.burst, at: now };
      const tokens = Math.min(rule.burst, before.tokens + (now - before.at) * perMs);
      const passes = tokens >= 1;
      buckets.set(key, { tokens: passes ? tokens - 1 : tokens, at: now });
      return passes ? undefined : Math.max(1, Math.ceil((1 - tokens) / perMs / 1_000));
    },
  };
}
