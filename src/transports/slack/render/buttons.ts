import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { Block } from '../content.ts';
import { plain } from './blocks.ts';
import { cut } from './escape.ts';

/** What a button of an alert carries: what it is about. Slack hands it back as it was sent; it is parsed all the same. */
const alertButton = z.object({
  scheduler_id: z.string().min(1).max(255),
  event_id: z.string().min(1).max(255),
  /** When that happened, ms UTC. */
  at: z.int(),
});
export type AlertButton = z.infer<typeof alertButton>;

export const actions = ['acknowledge', 'snooze', 'history'] as const;
export type Action = (typeof actions)[number];

/** How long the button snoozes, ms. */
export const buttonSnooze = 3_600_000;

const labels = { acknowledge: 'Acknowledge', snooze: 'Snooze 1 h', history: 'History' } as const;

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
  const value = JSON.stringify(about);
  return {
    type: 'actions',
    elements: offered.map((action): types.Button => {
      const button: types.Button = { type: 'button', action_id: action, text: plain(labels[action]), value };
      return action === 'acknowledge' ? { ...button, style: 'primary' } : button;
    }),
  };
}

/** What somebody may do about the failures of a group; `all` of those that are open, or one by its place in the list. */
const groupChoice = z
  .string()
  .regex(/^(?:acknowledge|snooze) (?:all|\d{1,4})$/)
  .transform((text) => {
    const [action = '', which = ''] = text.split(' ');
    return {
      do: action === 'snooze' ? ('snooze' as const) : ('acknowledge' as const),
      which: which === 'all' ? ('all' as const) : Number(which),
    };
  });
export type GroupChoice = z.infer<typeof groupChoice>;

/** The value of a chosen option of a group's menu; undefined when it is none of ours. */
export function readGroupChoice(value: string): GroupChoice | undefined {
  return groupChoice.safeParse(value).data;
}

/** A group's menu names the group's row by its action id, of which Slack takes 255 characters. */
const groupActionPrefix = 'group ';
export const groupAction = /^group /;

/** The key of the group whose menu it is, from the menu's action id; undefined when that is none of ours. */
export function readGroupAction(actionId: string): { night: string; message_key: string } | undefined {
  const [, night, message_key] = /^group (\S+) (\S+)$/.exec(actionId) ?? [];
  return night === undefined || message_key === undefined ? undefined : { night, message_key };
}

/** Slack takes 100 options; a message's bytes are worth more as lines. */
const maxOptions = 12;

/**
 * @param open the failures that somebody may look after, by their places in the group
 * @returns nothing where there is none
 */
export function groupMenu(
  { night, message_key }: { readonly night: string; readonly message_key: string },
  open: readonly { readonly index: number; readonly name: string }[],
): Block[] {
  if (open.length === 0) return [];
  const group = (title: string, action: GroupChoice['do']) => ({
    label: plain(title),
    options: [
      { text: plain(`All ${open.length}`), value: `${action} all` },
      ...open
        .slice(0, maxOptions)
        .map(({ index, name }) => ({ text: plain(cut(name, 75)), value: `${action} ${index}` })),
    ],
  });
  return [
    {
      type: 'actions',
      elements: [
        {
          type: 'static_select',
          action_id: `${groupActionPrefix}${night} ${message_key}`.slice(0, 255),
          placeholder: plain('Acknowledge or snooze…'),
          option_groups: [group(labels.acknowledge, 'acknowledge'), group(labels.snooze, 'snooze')],
        },
      ],
    },
  ];
}
