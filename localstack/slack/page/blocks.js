import { make } from './dom.js';
import { dataTable, table } from './tables.js';
import { textObjectNodes } from './text.js';

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
      return make(document, 'h3', {}, [block.text.text]);
    case 'section':
      return make(document, 'div', { class: 'text' }, textObjectNodes(block.text, around));
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
      return make(
        document,
        'div',
        {},
        block.elements.map((part) => richPart(part, around)),
      );
    case 'table':
      return table(block, around);
    case 'data_table':
      return dataTable(block, around);
    default:
      return unknownBlock(block, around);
  }
}

/**
 * @param {Extract<KitBlock, { type: 'rich_text' }>['elements'][number]} part
 * @param {Surroundings} around
 */
function richPart({ type, elements }, { document }) {
  const texts = elements.map(({ text, style }) =>
    style?.bold === true ? make(document, 'strong', {}, [text]) : document.createTextNode(text),
  );
  return make(document, type === 'rich_text_preformatted' ? 'pre' : 'p', {}, texts);
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
      type: 'button',
      class: `button ${element.style ?? 'plain'}`,
      'data-focus': `${place}-${element.action_id ?? index}`,
    };
    const control = make(document, 'button', attributes, [element.text.text]);
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
  const label = placeholder === undefined ? 'Choose…' : placeholder.text;
  const groups = option_groups.map((group) =>
    make(
      document,
      'optgroup',
      { label: group.label.text },
      group.options.map(({ text, value }) => make(document, 'option', { value }, [text.text])),
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
