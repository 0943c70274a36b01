import { randomUUID } from 'node:crypto';
import type { Alert } from '../../../alerts/alert.ts';
import { slackTransport } from '../../../alerts/routes.ts';
import type { Transport } from '../../../alerts/transport.ts';
import { createAttempt } from '../night/slack-backoff.ts';
import type { SlackContext } from '../context.ts';
import { renderTestAlert } from '../render/alert.ts';
import { showRun } from './show-run.ts';
import { showStale } from './show-stale.ts';
import type { Spot } from './replies.ts';

/**
 * Slack as a transport: each alert is one message, posted once and edited in place, or a line of a group's.
 * @param channel another channel than the board's, as a route may name it
 */
export function createSlackTransport(context: SlackContext, channel?: string): Transport {
  return {
    name: channel === undefined ? slackTransport : `${slackTransport}:${channel}`,
    reconciles: true,
    // Another channel than the board's may be well while that is away.
    ...(channel === undefined ? {} : { attempt: createAttempt(context, channel) }),
    deliver: async ({ alert }) => {
      const spot = spotOf(alert, channel);
      switch (alert.kind) {
        case 'stale':
          return await showStale(context, spot, alert);
        default:
          return await showRun(context, spot, alert);
      }
    },
    test: async () => {
      const channels =
        channel === undefined ? new Set(context.boards.map((board) => board.channel)) : [channel];
      for (const one of channels) {
        const content = renderTestAlert(context.clock.now());
        await context.api.post({ channel: one, ...content, key: `test/${randomUUID()}` });
      }
      return `posted in ${[...channels].join(', ')}`;
    },
  };
}

/** A message is keyed by what it is: in the board's channel by the alert alone. */
function spotOf({ key: { night, alert_key }, board }: Alert, channel: string | undefined): Spot {
  return channel === undefined
    ? { key: { night, message_key: alert_key }, channel: board.channel }
    : { key: { night, message_key: `in/${channel}/${alert_key}` }, channel };
}
