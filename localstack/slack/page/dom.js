/**
 * Makes an element. Strings become text nodes, so nothing that a message says is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Document} document
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | undefined | (() => void)>} [attributes] a function listens to
 *   the event of that name; `true` is an empty attribute; `false` and `undefined` are none
 * @param {readonly (Node | string | undefined)[]} [children]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(document, tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/**
 * Makes a container show these parts in this order, with as few changes as possible: a part whose stamp is the
 * same keeps its element, and with it focus, selection and what is open.
 * @param {HTMLElement} container
 * @param {readonly { key: string, stamp: readonly unknown[], build: () => HTMLElement }[]} parts
 * @param {Map<string, { stamp: readonly unknown[], element: HTMLElement }>} shown what it shows; kept up to date
 */
export function showParts(container, parts, shown) {
  const wanted = new Set(parts.map(({ key }) => key));
  for (const [key, { element }] of shown) {
    if (wanted.has(key)) continue;
    element.remove();
    shown.delete(key);
  }
  /** @type {ChildNode | null} */
  let next = container.firstChild;
  for (const { key, stamp, build } of parts) {
    const old = shown.get(key);
    const isSame = old !== undefined && sameStamp(old.stamp, stamp);
    const element = isSame ? old.element : build();
    if (old !== undefined && !isSame) {
      if (next === old.element) next = element;
      replaceKeepingFocus(old.element, element);
    }
    shown.set(key, { stamp, element });
    if (next === element) next = element.nextSibling;
    else container.insertBefore(element, next);
  }
}

/**
 * @param {readonly unknown[]} left
 * @param {readonly unknown[]} right
 */
function sameStamp(left, right) {
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

/**
 * An edit must not throw a keyboard user back to the top of the page: focus goes to the control that stands
 * where the focused one stood, or, if that is gone, to the whole.
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function replaceKeepingFocus(old, fresh) {
  const focused = old.ownerDocument.activeElement;
  const hadFocus = focused !== null && old.contains(focused);
  const key = hadFocus ? focused.getAttribute('data-focus') : null;
  old.replaceWith(fresh);
  if (!hadFocus) return;
  const heir = [...fresh.querySelectorAll('[data-focus]')].find(
    (candidate) => candidate.getAttribute('data-focus') === key,
  );
  (heir instanceof HTMLElement ? heir : fresh).focus({ preventScroll: true });
}
