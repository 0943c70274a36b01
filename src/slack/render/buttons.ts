import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { Block } from '../content.ts';
import { plain } from './blocks.ts';

/**
 * What a button of an alert carries: the failure that it is about, and the key of the message if that is known.
 * Slack hands it back as it was sent; it is parsed all the same.
 */
export const alertButton = z.object({
  scheduler_id: z.string().min(1).max(255),
  event_id: z.string().min(1).max(255),
  /** When the failure happened, ms UTC. */
  at: z.int(),
  key: z.string().optional(),
});
export type AlertButton = z.infer<typeof alertButton>;

export const actions = ['acknowledge', 'snooze', 'history'] as const;
export type Action = (typeof actions)[number];

/** How long the button snoozes, ms. */
export const buttonSnooze = 3_600_000;

/** Slack takes 2,000, but three buttons and a long error share one message. */
const maxValue = 1_000;
const labels = { acknowledge: 'Acknowledge', snooze: 'Snooze 1 h', history: 'History' } as const;

/** The value of a button, as JSON of at most 1,000 UTF-16 units: a key too long for that is left out. */
export function buttonValue(button: AlertButton): string {
  const value = JSON.stringify(button);
  return value.length <= maxValue ? value : JSON.stringify({ ...button, key: undefined });
}

/** What a button carried; `undefined` when it is none of ours. */
export function readButton(value: string): AlertButton | undefined {
  try {
    return alertButton.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

/** @param offered at least one, each once */
export function buttons(offered: readonly Action[], about: AlertButton): Block {
  const value = buttonValue(about);
  return {
    type: 'actions',
    elements: offered.map((action): types.Button => {
      const button: types.Button = { type: 'button', action_id: action, text: plain(labels[action]), value };
      return action === 'acknowledge' ? { ...button, style: 'primary' } : button;
    }),
  };
}
