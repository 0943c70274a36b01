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

/** A list with a title, of which a message may have no room for all. */
export type TitledList = {
  readonly title: string;
  /** A line each, and for how many things it stands. */
  readonly items: readonly { readonly line: string; readonly count: number }[];
  /** What is named where the list has to do with one line. */
  readonly names: readonly string[];
  /** The room, of JSON. */
  readonly bytes: number;
};

const maxNamesLength = 150;

/**
 * Lists that together have at most so many lines, the first ones as long as can be. Each that has anything keeps at least
 * a line, with its title, its number and some names.
 * @param lines at least one for each list
 */
export function budgeted(lists: readonly TitledList[], lines: number): string[][] {
  const filled = lists.filter(({ items }) => items.length > 0);
  let left = lines;
  return filled.map((list, index) => {
    // One for each that comes after.
    const shown = linesOf(list, left - (filled.length - index - 1));
    left -= shown.length;
    return shown;
  });
}

function linesOf({ title, items, names, bytes }: TitledList, room: number): string[] {
  const total = countOf(items);
  const body = (shown: number): string[] => [
    ...items.slice(0, shown).map(({ line }) => line),
    ...(shown === items.length ? [] : [`and ${countOf(items.slice(shown))} more`]),
  ];
  let shown = items.length < room ? items.length : Math.max(0, room - 2);
  while (shown > 0 && sum(body(shown).map(bytesOf)) > bytes) shown -= 1;
  // One line and a number would say less than names.
  if (shown < Math.min(2, items.length))
    return [`${title} (${total}): ${enumerated(names, total, maxNamesLength)}`];
  return [`${title} (${total}):`, ...body(shown)];
}

function countOf(items: TitledList['items']): number {
  return sum(items.map(({ count }) => count));
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
