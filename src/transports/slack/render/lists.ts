import type { Block } from '../content.ts';
import { bytesOf, maxSection, section } from './blocks.ts';

/** Lines that have to fit. None is longer than a section, for names and notes are cut before. */

/** As few sections as carry the lines, each of whole lines. */
export function sectionsOf(lines: readonly string[]): Block[] {
  return packed(lines, '\n', maxSection).map(section);
}

/**
 * The lines that fit, and what to say of the others.
 * @param bytes the room, of JSON
 * @param more says how many are left out; its line is within the room too
 */
export function fitting(lines: readonly string[], bytes: number, more: (n: number) => string): string[] {
  const costs = lines.map((line) => bytesOf(line));
  if (sum(costs) <= bytes) return [...lines];
  const last = more(lines.length);
  let left = bytes - bytesOf(last);
  const end = costs.findIndex((cost) => (left -= cost) < 0);
  return [...lines.slice(0, end), more(lines.length - end)];
}

/**
 * `a, b and 3 more`, at most `max` UTF-16 units.
 * @param total how many there are, the items being the first of them
 */
export function enumerated(items: readonly string[], total: number, max: number): string {
  const room = max - ` and ${total} more`.length;
  let text = '';
  let used = 0;
  for (const item of items) {
    const longer = used === 0 ? item : `${text}, ${item}`;
    if (longer.length > room) break;
    text = longer;
    used += 1;
  }
  if (used === total) return text;
  return used === 0 ? `${total} of them` : `${text} and ${total - used} more`;
}

/** Joins items to texts of at most `max` UTF-16 units. */
export function packed(items: readonly string[], separator: string, max: number): string[] {
  const texts: string[] = [];
  for (const item of items) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + separator.length + item.length <= max) {
      texts[texts.length - 1] = `${last}${separator}${item}`;
    } else texts.push(item);
  }
  return texts;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
