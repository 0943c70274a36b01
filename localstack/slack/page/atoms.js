import { emojiNamed } from './emoji.js';

/**
 * A line of mrkdwn as characters and finished nodes: what stands in <>, code, emoji, addresses, names.
 * @typedef {import('./mrkdwn.d.ts').Inline} Inline
 * @typedef {import('./mrkdwn.d.ts').ParseOptions} ParseOptions
 */

const control = /<([^<>\n]+)>/y;
const code = /`([^`\n]+)`/y;
const emoji = /:([a-z0-9_+'-]{1,100}):/y;
const entity = /&(amp|lt|gt);/y;
const bareUrl = /https?:\/\/(?:(?!&[lg]t;)[^\s<>|`])*(?<![.,;:!?'"()*_~])/y;
const bareName = /@(here|channel|everyone)\b/y;
const wordCharacter = /[\p{L}\p{N}]/u;
const characters = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]);

/** @returns {boolean} whether an address may be followed */
export function isSafeUrl(/** @type {string} */ url) {
  return /^(?:https?:\/\/|mailto:)[^\s]+$/i.test(url);
}

/**
 * A line as characters and finished nodes. Decoded characters are nodes too: an escaped mark formats nothing.
 * @param {string} line
 * @param {ParseOptions} options
 * @returns {(string | Inline)[]}
 */
export function atomsOf(line, options) {
  /** @type {(string | Inline)[]} */
  const atoms = [];
  let at = 0;
  while (at < line.length) {
    const found = atomAt(line, at, options);
    if (found === undefined) {
      const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
      atoms.push(character);
      at += character.length;
    } else {
      atoms.push(found.node);
      at += found.length;
    }
  }
  return atoms;
}

/**
 * @param {string} line
 * @param {number} at
 * @param {ParseOptions} options
 * @returns {{ node: Inline, length: number } | undefined}
 */
function atomAt(line, at, { links = true, names = false }) {
  /** @param {RegExp} pattern */
  const match = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(line);
  };
  /**
   * @param {RegExpExecArray | null} found
   * @param {(inner: string) => Inline | undefined} toNode
   */
  const atom = (found, toNode) => {
    const node = found === null ? undefined : toNode(found[1] ?? found[0]);
    return node && found ? { node, length: found[0].length } : undefined;
  };
  switch (line[at]) {
    case '<':
      return atom(match(control), controlNode);
    case '`':
      return atom(match(code), (text) => ({ type: 'code', text: decode(text) }));
    case ':':
      return atom(match(emoji), (name) => asText(emojiNamed(name)));
    case '&':
      return atom(match(entity), (name) => asText(decode(`&${name};`)));
    case 'h':
      if (!links || wordCharacter.test(line[at - 1] ?? '')) return undefined;
      return atom(match(bareUrl), (url) => linkNode(decode(url), undefined));
    case '@':
      if (!names || wordCharacter.test(line[at - 1] ?? '')) return undefined;
      return atom(match(bareName), (range) => ({ type: 'broadcast', range: rangeOf(range) }));
    default:
      return undefined;
  }
}

/**
 * @param {string} inner what stands between < and >
 * @returns {Inline | undefined}
 */
function controlNode(inner) {
  const bar = inner.indexOf('|');
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? undefined : decode(inner.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return { type: 'user', id: target.slice(1), label };
  if (/^#[CG][A-Z0-9]+$/.test(target)) return { type: 'channel', id: target.slice(1), label };
  if (/^!subteam\^S[A-Z0-9]+$/.test(target)) return { type: 'group', id: target.slice(9), label };
  if (/^!(?:here|channel|everyone)$/.test(target))
    return { type: 'broadcast', range: rangeOf(target.slice(1)) };
  if (target.startsWith('!date^')) return asText(label);
  return linkNode(decode(target), label);
}

/** @returns {Inline | undefined} */
function linkNode(/** @type {string} */ url, /** @type {string | undefined} */ label) {
  return isSafeUrl(url) ? { type: 'link', url, label: label || url.replace(/^mailto:/, '') } : undefined;
}

/** @returns {Inline | undefined} */
function asText(/** @type {string | undefined} */ text) {
  return text === undefined || text === '' ? undefined : { type: 'text', text };
}

/** @returns {'here' | 'channel' | 'everyone'} */
function rangeOf(/** @type {string} */ name) {
  return name === 'here' || name === 'channel' ? name : 'everyone';
}

/** @returns {string} with Slack's three entities decoded, once */
export function decode(/** @type {string} */ text) {
  return text.replace(/&(amp|lt|gt);/g, (escaped) => characters.get(escaped) ?? escaped);
}
