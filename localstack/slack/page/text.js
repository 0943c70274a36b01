import { isSafeUrl } from './atoms.js';
import { make } from './dom.js';
import { withEmoji } from './emoji.js';
import { parseMrkdwn } from './mrkdwn.js';

/**
 * Texts to DOM nodes.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./mrkdwn.d.ts').Inline} Inline
 * @typedef {{ type: 'plain_text', text: string, emoji?: boolean | undefined }
 *   | { type: 'mrkdwn', text: string, verbatim?: boolean | undefined }} TextObject
 */

/**
 * A text object of a block.
 * @param {TextObject} object
 * @param {Surroundings} around
 * @returns {Node[]}
 */
export function textObjectNodes(object, around) {
  if (object.type === 'plain_text') return [around.document.createTextNode(plainText(object))];
  const isVerbatim = object.verbatim === true;
  return mrkdwnNodes(object.text, { links: !isVerbatim, names: !isVerbatim }, around);
}

/** @returns {string} */
export function plainText(/** @type {{ text: string, emoji?: boolean | undefined }} */ { text, emoji }) {
  return emoji === false ? text : withEmoji(text);
}

/**
 * @param {string} text
 * @param {import('./mrkdwn.d.ts').ParseOptions} options
 * @param {Surroundings} around
 * @returns {Node[]}
 */
export function mrkdwnNodes(text, options, around) {
  const { document } = around;
  return parseMrkdwn(text, options).map((part) => {
    switch (part.type) {
      case 'pre':
        return make(document, 'pre', {}, [part.text]);
      case 'quote':
        return make(document, 'blockquote', {}, inlineNodes(part.children, around));
      case 'lines':
        return make(document, 'p', {}, inlineNodes(part.children, around));
    }
  });
}

const tags = /** @type {const} */ ({ bold: 'strong', italic: 'em', strike: 's' });

/**
 * @param {readonly Inline[]} nodes
 * @param {Surroundings} around
 * @returns {Node[]}
 */
function inlineNodes(nodes, around) {
  const { document } = around;
  return nodes.map((node) => {
    switch (node.type) {
      case 'text':
        return document.createTextNode(node.text);
      case 'break':
        return make(document, 'br');
      case 'code':
        return make(document, 'code', {}, [node.text]);
      case 'bold':
      case 'italic':
      case 'strike':
        return make(document, tags[node.type], {}, inlineNodes(node.children, around));
      case 'link':
        return link(node.url, node.label, around);
      case 'user':
        return userMention(node.id, node.label, around);
      case 'channel':
        return channelMention(node.id, node.label, around);
      case 'group':
        return mention(`@${node.label?.replace(/^@/, '') || node.id}`, false, around);
      case 'broadcast':
        return mention(`@${node.range}`, true, around);
    }
  });
}

/**
 * A link out of the page, or the mere text where the address is none that may be followed.
 * @param {string} url
 * @param {string} label
 * @param {Surroundings} around
 * @returns {Node}
 */
export function link(url, label, { document }) {
  if (!isSafeUrl(url)) return document.createTextNode(label);
  return make(document, 'a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, [label]);
}

/**
 * @param {string} id
 * @param {string | undefined} label
 * @param {Surroundings} around
 */
export function userMention(id, label, around) {
  return mention(`@${around.userName(id) ?? (label || id)}`, id === around.me, around);
}

/**
 * @param {string} id
 * @param {string | undefined} label
 * @param {Surroundings} around
 */
export function channelMention(id, label, around) {
  const name = around.channelName(id);
  if (name === undefined) return mention(`#${label || id}`, false, around);
  return make(around.document, 'a', { class: 'mention', href: `#${id}` }, [`#${name}`]);
}

/**
 * @param {string} text
 * @param {boolean} isMine whether it calls the user who acts
 * @param {Surroundings} around
 */
export function mention(text, isMine, { document }) {
  return make(document, 'span', { class: isMine ? 'mention mine' : 'mention' }, [text]);
}
