import { make } from './dom.js';

/**
 * Texts to DOM nodes. Of mrkdwn, what Ronda writes: mentions of people, links, escaped characters. All else stays as it
 * was written.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {{ type: 'plain_text' | 'mrkdwn', text: string }} TextObject
 */

const written = /<(?:@([UW][A-Z0-9]+)|(https?:\/\/[^\s<>|]+))(?:\|([^<>\n]*))?>/g;
const characters = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
]);

/**
 * A text object of a block.
 * @param {TextObject} object
 * @param {Surroundings} around
 * @returns {Node[]}
 */
export function textObjectNodes({ type, text }, around) {
  return type === 'mrkdwn' ? mrkdwnNodes(text, around) : [around.document.createTextNode(text)];
}

/**
 * @param {string} text
 * @param {Surroundings} around
 * @returns {Node[]}
 */
export function mrkdwnNodes(text, around) {
  const { document } = around;
  /** @type {Node[]} */
  const nodes = [];
  let at = 0;
  for (const { 0: whole, 1: user, 2: url = '', 3: label, index } of text.matchAll(written)) {
    if (index > at) nodes.push(document.createTextNode(decode(text.slice(at, index))));
    const said = label === undefined || label === '' ? undefined : decode(label);
    nodes.push(user === undefined ? link(decode(url), said, around) : mention(user, said, around));
    at = index + whole.length;
  }
  if (at < text.length) nodes.push(document.createTextNode(decode(text.slice(at))));
  return nodes;
}

/** @returns {string} with Slack's three entities decoded, once */
function decode(/** @type {string} */ text) {
  return text.replace(/&(?:amp|lt|gt);/g, (escaped) => characters.get(escaped) ?? escaped);
}

/**
 * @param {string} href
 * @param {string | undefined} label
 * @param {Surroundings} around
 */
function link(href, label, { document }) {
  return make(document, 'a', { href, target: '_blank', rel: 'noopener noreferrer' }, [label ?? href]);
}

/**
 * @param {string} id
 * @param {string | undefined} label
 * @param {Surroundings} around
 */
function mention(id, label, { document, me, userName }) {
  const look = id === me ? 'mention mine' : 'mention';
  return make(document, 'span', { class: look }, [`@${userName(id) ?? label ?? id}`]);
}
