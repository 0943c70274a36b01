/**
 * JSON kept as text. A service's metadata comes back as it was sent: key order (`JSON.parse` moves keys that
 * look like integers to the front), a key `__proto__`, unpaired surrogates, digits past a double's. So it is
 * never turned into an object; it is split and normalised here, iteratively, whatever its depth.
 *
 * Every function takes text that `JSON.parse` has accepted; that is what makes a tokenizer enough.
 */

const token = /[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/gs;

/** The members of an object's text, each value as its own text; of duplicate keys the last counts. */
export function splitObject(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let key: string | undefined;
  for (const part of childTexts(text)) {
    if (key === undefined) {
      key = unquote(part);
    } else {
      members.set(key, part);
      key = undefined;
    }
  }
  return members;
}

/** The elements of an array's text, each as its own text. */
export function splitArray(text: string): string[] {
  return [...childTexts(text)];
}

/** What stands one level down: an array's elements, or an object's keys and values in turn. */
function* childTexts(text: string): Generator<string> {
  let depth = 0;
  let start = -1;
  for (const match of text.matchAll(token)) {
    const part = match[0];
    const end = match.index + part.length;
    if (part === '{' || part === '[') {
      depth += 1;
      if (depth === 2) start = match.index;
    } else if (part === '}' || part === ']') {
      depth -= 1;
      if (depth === 1) yield text.slice(start, end);
    } else if (depth === 1 && part !== ',' && part !== ':') {
      yield part;
    }
  }
}

type Container = { readonly open: '{' | '['; key: string | undefined; readonly parts: Map<string, string> };

/**
 * A JSON text without its white space and with duplicate keys resolved (the first one's place, the last
 * one's value, as `JSON.parse` does).
 * @returns the text, or why it cannot be kept without changing its meaning
 */
export function normaliseJson(text: string, maxDepth: number): { text: string } | { issue: string } {
  const stack: Container[] = [];
  let result = '';
  const place = (value: string): void => {
    const top = stack.at(-1);
    if (top === undefined) result = value;
    else if (top.open === '[') top.parts.set(String(top.parts.size), value);
    else if (top.key === undefined) top.key = value;
    else {
      top.parts.set(top.key, value);
      top.key = undefined;
    }
  };
  for (const [part] of text.matchAll(token)) {
    if (part === '{' || part === '[') {
      if (stack.length === maxDepth) return { issue: `must not nest more than ${maxDepth} deep` };
      stack.push({ open: part, key: undefined, parts: new Map() });
    } else if (part === '}' || part === ']') {
      const closed = stack.pop();
      if (closed !== undefined) place(written(closed));
    } else if (part.startsWith('"')) {
      place(JSON.stringify(unquote(part)));
    } else if (part !== ',' && part !== ':') {
      const issue = numberIssue(part);
      if (issue !== undefined) return { issue };
      place(part);
    }
  }
  return { text: result };
}

function written({ open, parts }: Container): string {
  if (open === '[') return `[${[...parts.values()].join(',')}]`;
  return `{${[...parts].map(([key, value]) => `${key}:${value}`).join(',')}}`;
}

function unquote(part: string): string {
  return String(JSON.parse(part));
}

const number = /^-?(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/**
 * Readers of the JSON use doubles: an integer that would change under their hands is better refused. One that
 * a double holds, or that is how a double is written (2 ** 70 is 1180591620717411300000), does not change.
 */
function numberIssue(part: string): string | undefined {
  if (!number.test(part)) return undefined;
  const value = Math.abs(Number(part));
  if (!Number.isFinite(value)) return 'must not hold a number out of the range of a double';
  const integer = integerIn(part);
  return integer === undefined || integer === BigInt(value) || integer === integerIn(String(value))
    ? undefined
    : 'must not hold an integer that a double cannot hold (send it as a string)';
}

/** The integer that a number's text denotes, without its sign; undefined when it is none, or zero. */
function integerIn(text: string): bigint | undefined {
  const { whole = '', fraction = '', exponent = '0' } = number.exec(text)?.groups ?? {};
  const digits = withoutTrailingZeros(`${whole}${fraction}`);
  const shift = Number(exponent) - fraction.length + (whole.length + fraction.length - digits.length);
  if (digits === '' || shift < 0) return undefined;
  return BigInt(digits) * 10n ** BigInt(shift);
}

/** No `/0+$/`, which takes time by the square of the digits: a stranger's number may have a million. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

/** JSON text that is to be written as it is, where a value is expected. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** `JSON.stringify` for a flat object whose values may be `JsonText`. */
export function writeObject(object: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const text = value instanceof JsonText ? value.text : JSON.stringify(value);
      return `${JSON.stringify(key)}:${text}`;
    });
  return `{${members.join(',')}}`;
}
