import type { types } from '@slack/bolt';
import type { Block } from '../content.ts';
import { cut } from './escape.ts';

/** The few blocks that Ronda's messages are made of. Limits: https://docs.slack.dev/reference/block-kit/blocks */

const maxHeader = 150;
/** A section carries 3,000. */
export const maxSection = 2_900;
/**
 * Of a message's blocks as JSON, in bytes. Slack documents none; `msg_blocks_too_long` was seen from 13,000
 * characters on. Bytes are never fewer than characters, so this holds however Slack counts.
 */
export const maxBlocksBytes = 11_900;
/** Of the top-level text: `chat.update` refuses 4,000, the names of a whole fleet help nobody. */
export const maxText = 3_000;

/** Shows text as it is: neither mrkdwn nor `:emoji:` names are read. */
export function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** A heading, cut to the 150 characters that Slack takes. https://docs.slack.dev/reference/block-kit/blocks/header-block */
export function header(text: string): Block {
  return { type: 'header', text: plain(cut(text, maxHeader)) };
}

/** @param text at most 3,000 UTF-16 units, not empty */
export function section(text: string): Block {
  return { type: 'section', text: plain(text) };
}

/**
 * A section that Slack parses. `verbatim` keeps it from finding links and names by itself, but mentions and links
 * written out count: the caller answers for every `<`.
 */
export function parsedSection(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** Small print; at most the first 10 lines, as Slack takes no more. Without lines there is no block. */
export function context(lines: readonly string[]): Block[] {
  return lines.length === 0 ? [] : [{ type: 'context', elements: lines.slice(0, 10).map(plain) }];
}

/** Bold labels and their values, a line each. Rich text parses nothing, so that values are safe in it. */
export function fields(pairs: readonly (readonly [label: string, value: string])[]): Block {
  const elements = pairs.flatMap(([label, value], index): types.RichTextElement[] => [
    { type: 'text', text: `${index === 0 ? '' : '\n'}${label}: `, style: { bold: true } },
    { type: 'text', text: value },
  ]);
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

/** @param text at most 3,000 UTF-16 units, not empty */
export function preformatted(text: string): Block {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
  };
}

/**
 * Gives every block an id of its own that is new with every update, as Slack asks for.
 * @param subject what the message is: part of the ids
 * @param at when the message says this, ms UTC
 */
export function withIds(blocks: readonly Block[], subject: string, at: number): Block[] {
  return blocks.map((block, index) => ({ ...block, block_id: `${subject}-${at}-${index}` }));
}

/** How much of a message a value takes: the bytes of its JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
