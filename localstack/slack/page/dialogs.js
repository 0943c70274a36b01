import { blockNodes } from './blocks.js';
import { make } from './dom.js';
import { plainText, textObjectNodes } from './text.js';

/**
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').KitButton} KitButton
 * @typedef {import('./page.d.ts').View} View
 */

/**
 * Asks what a button's `confirm` asks.
 * @param {NonNullable<KitButton['confirm']>} confirm
 * @param {Surroundings} around
 * @returns {Promise<boolean>} false too when the dialog is left
 */
export function ask({ title, text, confirm, deny, style }, around) {
  const { document } = around;
  const no = make(document, 'button', { class: 'button plain', value: 'no' }, [
    deny ? plainText(deny) : 'Cancel',
  ]);
  const yes = make(document, 'button', { class: `button ${style ?? 'primary'}`, value: 'yes' }, [
    confirm ? plainText(confirm) : 'Yes',
  ]);
  const dialog = make(document, 'dialog', { class: 'confirm', 'aria-labelledby': 'confirm-title' }, [
    make(document, 'form', { method: 'dialog' }, [
      make(document, 'h2', { id: 'confirm-title' }, [title ? plainText(title) : 'Are you sure?']),
      make(document, 'div', { class: 'text' }, textObjectNodes(text, around)),
      make(document, 'div', { class: 'choices' }, [no, yes]),
    ]),
  ]);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Shows a modal view in place of one that is open.
 * @param {Extract<View, { type: 'modal' }>} view
 * @param {Surroundings} around
 */
export function showModal(view, around) {
  const { document } = around;
  document.querySelectorAll('dialog.modal').forEach((open) => open.remove());
  const dialog = make(document, 'dialog', { class: 'modal', 'aria-labelledby': 'modal-title' }, [
    make(document, 'form', { method: 'dialog' }, [
      make(document, 'h2', { id: 'modal-title' }, [plainText(view.title)]),
      make(document, 'button', { class: 'button plain' }, [view.close ? plainText(view.close) : 'Close']),
    ]),
    make(document, 'div', { class: 'content' }, blockNodes(view.blocks, around)),
  ]);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
