import type { Alert } from '../../../alerts/alert.ts';
import { slackTransport } from '../../../alerts/routes.ts';
import type { Transport } from '../../../alerts/transport.ts';
import { assertNever } from '../../../events/assert-never.ts';
import type { SlackContext } from '../context.ts';
import { showFailure } from './show-failure.ts';
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
    deliver: async ({ alert }) => {
      const spot = spotOf(alert, channel);
      switch (alert.kind) {
        case 'failure':
          return await showFailure(context, spot, alert);
        case 'stale':
          return await showStale(context, spot, alert);
        default:
          return assertNever(alert);
      }
    },
  };
}

/** A message is keyed by what it is: in the board's channel by the alert alone. */
function spotOf({ key: { night, alert_key }, board }: Alert, channel: string | undefined): Spot {
  return channel === undefined
    ? { key: { night, message_key: alert_key }, channel: board.channel }
    : { key: { night, message_key: `in/${channel}/${alert_key}` }, channel };
}
