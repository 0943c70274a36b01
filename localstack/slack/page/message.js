import { blockNodes } from './blocks.js';
import { make } from './dom.js';
import { mrkdwnNodes } from './text.js';
import { dateAndTime, timeOf } from './time.js';

/**
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').Message} Message
 * @typedef {import('./page.d.ts').Whisper} Whisper
 * @typedef {import('./page.d.ts').KitBlock} KitBlock
 */

/**
 * A message and, under it, its thread.
 * @param {Message} message
 * @param {readonly Message[]} replies oldest first
 * @param {(message: { channel: string, ts: string }) => Surroundings} aroundOf
 * @param {{ isOpen: boolean | undefined, onToggle: (isOpen: boolean) => void }} thread
 * @returns {HTMLElement}
 */
export function messageNode(message, replies, aroundOf, { isOpen, onToggle }) {
  const around = aroundOf(message);
  const { document } = around;
  const article = single(message, around);
  if (replies.length === 0) return article;
  const count = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
  const last = replies.at(-1)?.ts ?? message.ts;
  const nodes = replies.map((reply) => single(reply, aroundOf(reply)));
  const isCalling = nodes.some((node) => node.classList.contains('calls'));
  const summary = make(document, 'summary', { class: isCalling && 'calls', 'data-focus': 'thread' }, [
    make(document, 'strong', {}, [count]),
    make(document, 'span', { class: 'last' }, [` last at ${timeOf(last)}`]),
  ]);
  const thread = make(document, 'details', { class: 'thread' }, [summary, ...nodes]);
  // What calls the reader does not lie folded away, unless it was the reader who folded it.
  thread.open = isOpen ?? isCalling;
  thread.addEventListener('toggle', () => onToggle(thread.open));
  article.querySelector('.body')?.append(thread);
  return article;
}

/**
 * What only the asker sees.
 * @param {Whisper} whisper
 * @param {Surroundings} around
 * @param {() => void} onDismiss
 */
export function whisperNode({ id, message }, around, onDismiss) {
  const { document } = around;
  const dismiss = make(document, 'button', { type: 'button', class: 'dismiss', click: onDismiss }, [
    'Dismiss',
  ]);
  const note = make(document, 'p', { class: 'note' }, ['Only visible to you · ', dismiss]);
  return frame(`whisper-${id}`, 'message whisper', around, [
    note,
    make(document, 'header', {}, nameAndTime(message.ts, around)),
    contentNode(message, around),
  ]);
}

/** @returns {HTMLElement} */
function single(/** @type {Message} */ message, /** @type {Surroundings} */ around) {
  const { document } = around;
  const { channel, ts, subtype, edited, edits } = message;
  const id = `m-${channel}-${ts}`;
  if (subtype === 'tombstone') {
    return frame(id, 'message gone', around, [
      make(document, 'p', { class: 'content' }, ['This message was deleted.']),
    ]);
  }
  const times = edits === 1 ? 'once' : `${edits} times`;
  const mark =
    edited &&
    make(
      document,
      'span',
      { class: 'edited', title: `Edited ${times}, last ${dateAndTime(Number(edited.ts))}` },
      ['(edited)'],
    );
  const article = frame(id, 'message', around, [
    make(document, 'header', {}, [...nameAndTime(ts, around, `#${channel}/${ts}`), mark]),
    contentNode(message, around),
  ]);
  if (article.querySelector('.mention.mine') !== null) article.classList.add('calls');
  return article;
}

/**
 * @param {string} id
 * @param {string} look
 * @param {Surroundings} around
 * @param {readonly Node[]} parts
 */
function frame(id, look, { document }, parts) {
  const body = make(document, 'div', { class: 'body' }, parts);
  const avatar = make(document, 'div', { class: 'avatar', 'aria-hidden': 'true' });
  return make(document, 'article', { id, class: look, tabindex: -1 }, [avatar, body]);
}

/**
 * @param {string} ts
 * @param {Surroundings} around
 * @param {string} [href] where the message can be found again
 * @returns {Node[]}
 */
function nameAndTime(ts, { document }, href) {
  const seconds = Number(ts);
  const time = make(
    document,
    'time',
    { datetime: new Date(seconds * 1_000).toISOString(), title: dateAndTime(seconds) },
    [timeOf(ts)],
  );
  return [
    make(document, 'strong', { class: 'name' }, ['Ronda']),
    make(document, 'span', { class: 'app' }, ['APP']),
    href === undefined ? time : make(document, 'a', { href, 'data-focus': 'time' }, [time]),
  ];
}

/** As in Slack, blocks take the place of the text; without any, the text is all there is. @returns {HTMLElement} */
function contentNode(
  /** @type {{ text: string, blocks?: readonly { type: string }[] | undefined }} */ { text, blocks = [] },
  /** @type {Surroundings} */ around,
) {
  const { document } = around;
  if (blocks.length === 0) {
    return make(document, 'div', { class: 'content text' }, mrkdwnNodes(text, around));
  }
  // The workspace took these blocks, so they are of the kinds that it knows.
  const known = /** @type {readonly KitBlock[]} */ (blocks);
  return make(document, 'div', { class: 'content' }, blockNodes(known, around));
}
