import { make } from './dom.js';
import { emojiNamed } from './emoji.js';
import { channelMention, link, mention, userMention } from './text.js';
import { dateAndTime } from './time.js';

/**
 * Rich text to DOM nodes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {Extract<import('./page.d.ts').KitBlock, { type: 'rich_text' }>} RichText
 * @typedef {RichText['elements'][number]} RichPart
 * @typedef {Extract<RichPart, { type: 'rich_text_section' }>['elements'][number]} RichInline
 */

/**
 * @param {Pick<RichText, 'elements'>} block
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
export function richTextNodes({ elements }, around) {
  const { document } = around;
  return elements.map((part) => {
    switch (part.type) {
      case 'rich_text_section':
        return make(document, 'p', {}, inlines(part.elements, around));
      case 'rich_text_quote':
        return make(document, 'blockquote', {}, inlines(part.elements, around));
      case 'rich_text_preformatted':
        return make(document, 'pre', {}, inlines(part.elements, around));
      case 'rich_text_list': {
        const items = part.elements.map(({ elements }) =>
          make(document, 'li', {}, inlines(elements, around)),
        );
        const indent = `indent-${Math.min(part.indent ?? 0, 8)}`;
        return part.style === 'ordered'
          ? make(document, 'ol', { class: indent, start: (part.offset ?? 0) + 1 }, items)
          : make(document, 'ul', { class: indent }, items);
      }
    }
  });
}

/**
 * What the text says without its looks: to sort a table by, and to put into a tooltip.
 * @param {Pick<RichText, 'elements'>} block
 * @param {Surroundings} around
 * @returns {string}
 */
export function richTextOf(block, around) {
  return richTextNodes(block, around)
    .map((node) => node.textContent)
    .join('\n');
}

/** @returns {Node[]} */
function inlines(/** @type {readonly RichInline[]} */ elements, /** @type {Surroundings} */ around) {
  return elements.map((element) => styled(inline(element, around), element.style, around));
}

/** @returns {Node} */
function inline(/** @type {RichInline} */ element, /** @type {Surroundings} */ around) {
  const { document } = around;
  switch (element.type) {
    case 'text':
      return document.createTextNode(element.text);
    case 'link':
      return link(element.url, element.text || element.url, around);
    case 'emoji':
      return document.createTextNode(emojiOf(element));
    case 'user':
      return userMention(element.user_id, undefined, around);
    case 'channel':
      return channelMention(element.channel_id, undefined, around);
    case 'broadcast':
      return mention(`@${element.range}`, true, around);
    case 'date': {
      const text = element.fallback || dateAndTime(element.timestamp);
      return element.url === undefined ? document.createTextNode(text) : link(element.url, text, around);
    }
  }
}

/** @returns {string} */
function emojiOf(/** @type {Extract<RichInline, { type: 'emoji' }>} */ { name, unicode }) {
  const known = emojiNamed(name);
  if (known !== undefined) return known;
  // Slack writes code points in hexadecimal, joined by hyphens.
  const points = (unicode ?? '').split('-').map((point) => Number.parseInt(point, 16));
  const areValid = points.every((point) => point > 0 && point <= 0x10ffff);
  return areValid ? String.fromCodePoint(...points) : `:${name}:`;
}

/**
 * @param {Node} node
 * @param {RichInline['style']} style
 * @param {Surroundings} around
 * @returns {Node}
 */
function styled(node, style, { document }) {
  const tags = /** @type {const} */ ([
    ['code', style?.code],
    ['s', style?.strike],
    ['em', style?.italic],
    ['strong', style?.bold],
    ['u', style?.underline],
  ]);
  return tags.reduce(
    (inner, [tag, isOn]) => (isOn === true ? make(document, tag, {}, [inner]) : inner),
    node,
  );
}
