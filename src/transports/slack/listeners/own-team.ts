import type { App } from '@slack/bolt';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import type { Identity } from '../api.ts';
import { renderProblem } from '../render/eod.ts';
import { messageOf } from './answers.ts';

export type OwnTeamOptions = {
  /** Who we are in Slack: our team, and our app as far as Slack tells. */
  readonly identity: () => Promise<Pick<Identity, 'teamId' | 'appId'>>;
  /** Whether people of other organisations, in channels that are shared with them, may act too. */
  readonly allowExternal: boolean;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Where the ids of teams and apps stand in what Slack sends of clicks, commands and events. */
const origin = z.object({
  api_app_id: z.string().optional(),
  /** Of commands and events. */
  team_id: z.string().optional(),
  /** Of clicks: where it was clicked, and of which organisation whoever clicked is. */
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ team_id: z.string().optional() }).optional().catch(undefined),
});

/** How long an answer of Slack about ourselves is believed. Real ms. */
const believedMs = 3_600_000;

const refusal = renderProblem('only people of the organisation that runs this app can do that.');

/**
 * Lets only our own team act. A signature proves that Slack sent a request, not whose click it was: apps can be in
 * channels that are shared with other organisations, and an app can be installed in several.
 * https://docs.slack.dev/apis/slack-connect/using-slack-connect-api-methods
 */
export function registerOwnTeam(app: App, { identity, allowExternal, clock, log }: OwnTeamOptions): void {
  const known = new LRUCache<'us', Pick<Identity, 'teamId' | 'appId'>>({
    max: 1,
    ttl: believedMs,
    perf: { now: clock.monotonic },
  });
  app.use(async (received) => {
    const us = known.get('us') ?? (await identity());
    known.set('us', us, { noUpdateTTL: true });
    const asked = origin.parse(received.body);
    const team = asked.user?.team_id ?? asked.team?.id ?? asked.team_id;
    const isOurApp =
      us.appId === undefined || asked.api_app_id === undefined || asked.api_app_id === us.appId;
    if (isOurApp && (team === us.teamId || (allowExternal && team !== undefined))) {
      await received.next();
      return;
    }
    log.warn({ team, app: asked.api_app_id }, 'a request of another team was refused');
    if ('ack' in received && typeof received.ack === 'function') {
      if ('command' in received) await received.ack(messageOf(refusal, refusal.blocks));
      else {
        await received.ack();
        if ('respond' in received && typeof received.respond === 'function')
          await received.respond(messageOf(refusal, refusal.blocks));
      }
    }
  });
}
