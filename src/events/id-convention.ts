import { createContext, Script } from 'node:vm';

/** How the ids of a fleet's jobs are to look: a regular expression, as it was written, and an id that matches it. */
export type IdConvention = {
  readonly text: string;
  readonly matches: (id: string) => boolean;
  readonly example: string;
};

/** A regular expression that a whole id must match; undefined when the text is none. */
export function wholeOf(text: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return undefined;
  }
}

/** The convention that a regular expression states; undefined when no id is known that matches it. */
export function conventionOf(text: string, given: string | undefined): IdConvention | undefined {
  const expression = wholeOf(text);
  if (expression === undefined) return undefined;
  const matches = (id: string): boolean => firstMatch(expression, [id], 50) === id;
  const example = given ?? firstMatch(expression, usualIds(), 2_000);
  // Once, at the start: a machine that stalls must not refuse a convention that is sound.
  const isMatched = example !== undefined && firstMatch(expression, [example], 2_000) === example;
  return isMatched ? { text, matches, example } : undefined;
}

const search = new Script('ids.find((id) => expression.test(id))');

/**
 * The first id that matches; undefined where none does, or it takes longer than `timeoutMs`: an expression that
 * backtracks without end must not let one request stop the process.
 */
function firstMatch(expression: RegExp, ids: readonly string[], timeoutMs: number): string | undefined {
  try {
    const found: unknown = search.runInContext(createContext({ expression, ids }), { timeout: timeoutMs });
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

const lower = ['settlement', 'billing', 'eod', 'a'];
const words = [
  ...lower,
  ...lower.map((word) => word.toUpperCase()),
  ...lower.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`),
  ...['1', '01', '001', '0001', '12345', '2026'],
];
const separators = ['-', '.', ':', '_', ''];

/** Ids of up to three words, those of few words first. */
function usualIds(): string[] {
  const longer = (begun: readonly string[]): string[] =>
    begun.flatMap((start) => separators.flatMap((by) => words.map((word) => `${start}${by}${word}`)));
  const two = longer(words);
  return [...words, ...two, ...longer(two)];
}
