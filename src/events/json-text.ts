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

const quote = 0x22;
const backslash = 0x5c;

/**
 * What stands one level down: an array's elements, or an object's keys and values in turn. Looks at each character
 * once, since whatever a stranger sends comes through here before anything else is known of it.
 */
function* childTexts(text: string): Generator<string> {
  let depth = 0;
  let start = -1;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '{' || char === '[') {
      depth += 1;
      if (depth === 2) start = at;
    } else if (char === '}' || char === ']' || char === ',' || char === ':') {
      if (depth === 1 && start >= 0) {
        yield text.slice(start, at).trimEnd();
        start = -1;
      }
      if (char === '}' || char === ']') depth -= 1;
    } else if (char === '"') {
      if (depth === 1) start = at;
      at = endOfString(text, at);
    } else if (depth === 1 && start < 0 && !isSpace(char)) {
      start = at;
    }
  }
}

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t';
}

/** Where the string that opens at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/**
 * Whether a JSON text without its white space has more than `max` characters, an escape counting as the one that it
 * stands for: cheap to tell, before the text is worth any work.
 */
export function isLongerThan(text: string, max: number): boolean {
  let length = 0;
  for (let at = 0; at < text.length && length <= max; at += 1) {
    const char = text[at] ?? '';
    if (isSpace(char)) continue;
    length += 1;
    if (char !== '"') continue;
    for (at += 1; at < text.length && text.charCodeAt(at) !== quote; at += 1) {
      length += 1;
      if (text.charCodeAt(at) === backslash) at += text[at + 1] === 'u' ? 5 : 1;
    }
    length += 1;
  }
  return length > max;
}

type Container =
  | { readonly open: '['; readonly parts: string[] }
  | { readonly open: '{'; readonly parts: Map<string, string>; key: string | undefined };

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
    else if (top.open === '[') top.parts.push(value);
    else if (top.key === undefined) top.key = value;
    else {
      top.parts.set(top.key, value);
      top.key = undefined;
    }
  };
  for (const [part] of text.matchAll(token)) {
    if (part === '{' || part === '[') {
      if (stack.length === maxDepth) return { issue: `must not nest more than ${maxDepth} deep` };
      stack.push(part === '[' ? { open: part, parts: [] } : { open: part, parts: new Map(), key: undefined });
    } else if (part === '}' || part === ']') {
      const closed = stack.pop();
      if (closed !== undefined) place(written(closed));
    } else if (part.startsWith('"')) {
      place(part.includes('\\') || !part.isWellFormed() ? JSON.stringify(unquote(part)) : part);
    } else if (part !== ',' && part !== ':') {
      const issue = numberIssue(part);
      if (issue !== undefined) return { issue };
      place(part);
    }
  }
  return { text: result };
}

function written(container: Container): string {
  if (container.open === '[') return `[${container.parts.join(',')}]`;
  return `{${[...container.parts].map(([key, value]) => `${key}:${value}`).join(',')}}`;
}

function unquote(part: string): string {
  return String(JSON.parse(part));
}

/** A decimal of so many digits, and none that is longer, comes out of a double as it went in (DBL_DIG). */
const safeDigits = 15;
const number = /^-?(?<whole>\d+)(?:\.(?<fraction>\d+))?(?:[eE](?<exponent>[+-]?\d+))?$/;

/**
 * Readers of the JSON use doubles: an integer that would change under their hands is better refused. One that
 * a double holds, or that is how a double is written (2 ** 70 is 1180591620717411300000), does not change.
 */
function numberIssue(part: string): string | undefined {
  if (part.length <= safeDigits && !/[eE]/.test(part)) return undefined;
  if (!number.test(part)) return undefined;
  const value = Math.abs(Number(part));
  if (!Number.isFinite(value)) return 'must not hold a number out of the range of a double';
  const { whole = '', fraction = '' } = number.exec(part)?.groups ?? {};
  if (whole.length + fraction.length <= safeDigits) return undefined;
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
