/** How the ids of a fleet's jobs are to look: a regular expression, as it was written, and an id that matches it. */
export type IdConvention = { readonly text: string; readonly matches: RegExp; readonly example: string };

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
  const matches = wholeOf(text);
  const example = matches && (given ?? exampleOf(matches));
  return matches && example !== undefined && matches.test(example) ? { text, matches, example } : undefined;
}

const lower = ['settlement', 'billing', 'eod', 'a'];
const words = [
  ...lower,
  ...lower.map((word) => word.toUpperCase()),
  ...lower.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`),
  ...['1', '01', '001', '0001', '12345', '2026'],
];
const separators = ['-', '.', ':', '_', ''];

/** One of the usual ids, those of few words first; undefined when none of them matches. */
function exampleOf(matches: RegExp): string | undefined {
  for (const id of formsOf(3)) if (matches.test(id)) return id;
  return undefined;
}

/** Every id of up to so many words. */
function* formsOf(most: number): Generator<string, undefined> {
  let begun = words;
  for (let count = 1; ; count += 1) {
    yield* begun;
    if (count === most) return undefined;
    begun = begun.flatMap((start) => separators.flatMap((by) => words.map((word) => `${start}${by}${word}`)));
  }
}
