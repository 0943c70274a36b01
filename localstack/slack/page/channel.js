import { make, showParts } from './dom.js';
import { keyOf } from './known.js';
import { messageNode, whisperNode } from './message.js';
import { dayOf } from './time.js';

/**
 * The list of messages of one channel at a time.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').Entry} Entry
 * @typedef {{
 *   entries: readonly Entry[],
 *   me: string,
 *   names: readonly unknown[],
 *   aroundOf: (message: { channel: string, ts: string }) => Surroundings,
 *   onDismiss: (whisper: number) => void,
 * }} Shown
 */

/** Entries on the page at first; more on demand, so that a long history does not make the page slow. */
const pageful = 200;
/** A reader this near to the end, in pixels, is at the end. */
const nearEnd = 60;

/**
 * @param {Document} document
 * @param {{ scroller: HTMLElement, list: HTMLElement, earlier: HTMLElement, fresh: HTMLElement }} parts
 */
export function createChannel(document, { scroller, list, earlier, fresh }) {
  /** @type {Parameters<typeof showParts>[2]} */
  const elements = new Map();
  /** Whether a reader opened or closed a thread. @type {Map<string, boolean>} */
  const threads = new Map();
  let limit = pageful;
  /** @type {Shown | undefined} */
  let current;

  const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < nearEnd;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    fresh.hidden = true;
  };
  scroller.addEventListener('scroll', () => {
    if (isAtEnd()) fresh.hidden = true;
  });
  fresh.addEventListener('click', toEnd);
  earlier.addEventListener('click', () => {
    limit += pageful;
    const below = scroller.scrollHeight - scroller.scrollTop;
    draw();
    scroller.scrollTop = scroller.scrollHeight - below;
  });

  const part = (/** @type {Shown} */ shown, /** @type {Entry} */ entry) => {
    const { me, names } = shown;
    const { key } = entry;
    switch (entry.kind) {
      case 'day': {
        const day = dayOf(entry.ts);
        const build = () => make(document, 'h3', { class: 'day' }, [make(document, 'span', {}, [day])]);
        return { key, stamp: [day], build };
      }
      case 'message': {
        const { message, replies } = entry;
        const thread = keyOf(message);
        const build = () =>
          messageNode(message, replies, shown.aroundOf, {
            isOpen: threads.get(thread),
            onToggle: (isOpen) => threads.set(thread, isOpen),
          });
        return { key, stamp: [message, me, ...names, ...replies], build };
      }
      case 'whisper': {
        const { whisper } = entry;
        const place = { channel: whisper.channel, ts: whisper.message.ts };
        const build = () => whisperNode(whisper, shown.aroundOf(place), () => shown.onDismiss(whisper.id));
        return { key, stamp: [whisper, me, ...names], build };
      }
    }
  };

  const draw = () => {
    if (current === undefined) return;
    const { entries } = current;
    const last = entries.slice(-limit);
    const [first] = last;
    earlier.hidden = entries.length <= limit;
    // Where the cut falls within a day, its name goes above what is left of it.
    if (first?.kind === 'message') last.unshift({ kind: 'day', key: 'day-cut', ts: first.message.ts });
    const shown = current;
    const parts = last.map((entry) => part(shown, entry));
    showParts(list, parts, elements);
  };

  return {
    /** Shows these entries; the view stays at the end if it was there. */
    show: (/** @type {Shown} */ shown) => {
      const wasAtEnd = isAtEnd();
      const before = current?.entries.at(-1)?.key;
      current = shown;
      draw();
      const after = shown.entries.at(-1)?.key;
      if (wasAtEnd) toEnd();
      else if (after !== before && after !== undefined) fresh.hidden = false;
    },
    /** Forgets what another channel left: the next view begins at its end. */
    reset: () => {
      showParts(list, [], elements);
      current = undefined;
      limit = pageful;
      fresh.hidden = true;
    },
    toEnd,
    /** Brings a message to sight, wherever it is folded away. @returns {boolean} false if it is not there */
    reveal: (/** @type {string} */ ts) => {
      const index = current?.entries.findIndex(
        (entry) =>
          entry.kind === 'message' && (entry.message.ts === ts || entry.replies.some((one) => one.ts === ts)),
      );
      if (current === undefined || index === undefined || index < 0) return false;
      limit = Math.max(limit, current.entries.length - index);
      draw();
      const element = [...list.querySelectorAll('article')].find((one) => one.id.endsWith(`-${ts}`));
      const thread = element?.parentElement;
      if (thread instanceof HTMLDetailsElement) thread.open = true;
      element?.scrollIntoView({ block: 'start' });
      element?.focus({ preventScroll: true });
      return element !== undefined;
    },
  };
}
