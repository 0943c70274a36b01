import { isSafeUrl } from './atoms.js';
import { make } from './dom.js';
import { richTextNodes } from './rich-text.js';
import { dataTable, table } from './tables.js';
import { plainText, textObjectNodes } from './text.js';

/**
 * Block Kit to DOM: https://docs.slack.dev/reference/block-kit. All text goes in as text nodes.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').KitBlock} KitBlock
 * @typedef {import('./page.d.ts').KitButton} KitButton
 * @typedef {import('./page.d.ts').KitSelect} KitSelect
 */

/**
 * @param {readonly KitBlock[]} blocks
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
export function blockNodes(blocks, around) {
  return blocks.map((block, place) => {
    const content = blockNode(block, place, around);
    const own = content.getAttribute('class') ?? '';
    content.setAttribute('class', `block ${block.type.replaceAll('_', '-')} ${own}`.trim());
    return content;
  });
}

/** @returns {HTMLElement} */
function blockNode(
  /** @type {KitBlock} */ block,
  /** @type {number} */ place,
  /** @type {Surroundings} */ around,
) {
  const { document } = around;
  switch (block.type) {
    case 'header':
      return make(document, 'h3', {}, [plainText(block.text)]);
    case 'divider':
      return make(document, 'hr');
    case 'section':
      return section(block, place, around);
    case 'context':
      return make(
        document,
        'div',
        {},
        block.elements.map((element) => make(document, 'div', {}, textObjectNodes(element, around))),
      );
    case 'actions':
      return make(document, 'div', {}, buttons(block.elements, block.block_id, place, around));
    case 'rich_text':
      return make(document, 'div', {}, richTextNodes(block, around));
    case 'table':
      return table(block, around);
    case 'data_table':
      return dataTable(block, around, around.tableView(place));
    default:
      return unknownBlock(block, around);
  }
}

/**
 * @param {Extract<KitBlock, { type: 'section' }>} block
 * @param {number} place
 * @param {Surroundings} around
 */
function section({ text, fields, accessory, block_id }, place, around) {
  const { document } = around;
  const parts = [
    text && make(document, 'div', { class: 'text' }, textObjectNodes(text, around)),
    fields &&
      make(
        document,
        'div',
        { class: 'fields' },
        fields.map((field) => make(document, 'div', {}, textObjectNodes(field, around))),
      ),
  ];
  const main = make(document, 'div', { class: 'main' }, parts);
  return make(document, 'div', {}, [main, ...buttons(accessory ? [accessory] : [], block_id, place, around)]);
}

/**
 * @param {readonly (KitButton | KitSelect)[]} elements
 * @param {string | undefined} blockId
 * @param {number} place
 * @param {Surroundings} around
 * @returns {HTMLElement[]}
 */
function buttons(elements, blockId, place, around) {
  const { document } = around;
  return elements.map((element, index) => {
    if (element.type === 'static_select')
      return menu(element, blockId, `${place}-${element.action_id ?? index}`, around);
    const attributes = {
      class: `button ${element.style ?? 'plain'}`,
      'aria-label': element.accessibility_label,
      'data-focus': `${place}-${element.action_id ?? index}`,
    };
    const label = plainText(element.text);
    const url = element.url !== undefined && isSafeUrl(element.url) ? element.url : undefined;
    /** @type {HTMLElement} */
    const control =
      url === undefined
        ? make(document, 'button', { ...attributes, type: 'button' }, [label])
        : make(document, 'a', { ...attributes, href: url, target: '_blank', rel: 'noopener noreferrer' }, [
            label,
          ]);
    control.addEventListener('click', () => around.onPress(element, blockId ?? '', control));
    return control;
  });
}

/**
 * @param {KitSelect} select
 * @param {string | undefined} blockId
 * @param {string} focus
 * @param {Surroundings} around
 * @returns {HTMLElement}
 */
function menu({ action_id, placeholder, option_groups }, blockId, focus, around) {
  const { document } = around;
  const label = placeholder === undefined ? 'Choose…' : plainText(placeholder);
  const groups = option_groups.map((group) =>
    make(
      document,
      'optgroup',
      { label: plainText(group.label) },
      group.options.map(({ text, value }) => make(document, 'option', { value }, [plainText(text)])),
    ),
  );
  const nothing = make(document, 'option', { value: '' }, [label]);
  const attributes = { class: 'button plain', 'aria-label': label, 'data-focus': focus };
  const control = make(document, 'select', attributes, [nothing, ...groups]);
  control.addEventListener('change', () => {
    if (!('value' in control) || typeof control.value !== 'string' || control.value === '') return;
    const chosen = {
      type: 'button',
      text: { type: 'plain_text', text: label },
      action_id,
      value: control.value,
    };
    around.onPress(/** @type {KitButton} */ (chosen), blockId ?? '', control);
  });
  return control;
}

/** The workspace refuses what it does not know, so this shows that page and workspace are not of one version. */
function unknownBlock(/** @type {{ type: string }} */ { type }, /** @type {Surroundings} */ { document }) {
  return make(document, 'p', { class: 'unknown' }, [`A block of type ${type}, which this page cannot show.`]);
}
