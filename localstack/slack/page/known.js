import { compareTs, dayOf } from './time.js';

/**
 * What the page knows of the workspace, and what changes it. Pure: every change gives a new value, and what did
 * not change stays the same object.
 * @typedef {import('./page.d.ts').Known} Known
 * @typedef {import('./page.d.ts').Entry} Entry
 * @typedef {import('./page.d.ts').Message} Message
 */

/** @type {Known} */
export const nothing = {
  team: { id: 'T0RONDA', name: 'Ronda', domain: 'ronda' },
  channels: [],
  users: [],
  messages: new Map(),
  whispers: [],
  homes: new Map(),
};

/** @returns {string} */
export function keyOf(/** @type {{ channel: string, ts: string }} */ { channel, ts }) {
  return `${channel}/${ts}`;
}

/**
 * The whole state anew, as after a break in the stream of events. Ephemeral messages are in no state: they stay.
 * @param {Known} known
 * @param {import('./page.d.ts').UiState} state
 * @returns {Known}
 */
export function withState(known, state) {
  const kept = state.messages.map((message) => {
    const old = known.messages.get(keyOf(message));
    return old === undefined ? message : keep(old, message);
  });
  return {
    team: state.team,
    channels: keep(known.channels, state.channels),
    users: keep(known.users, state.users),
    messages: new Map(kept.map((message) => [keyOf(message), message])),
    whispers: known.whispers,
    homes: new Map(state.homes.map(({ user, view }) => [user, view])),
  };
}

/**
 * @param {Known} known
 * @param {import('./page.d.ts').UiEvent} event an older or a repeated one changes nothing
 * @returns {Known}
 */
export function withEvent(known, event) {
  switch (event.type) {
    case 'posted':
    case 'edited':
      return withMessage(known, event.message);
    case 'deleted':
      return { ...known, messages: without(known.messages, keyOf(event)) };
    case 'ephemeral': {
      const { channel, user, message } = event;
      const after = newestTs(known, channel);
      const id = (known.whispers.at(-1)?.id ?? 0) + 1;
      return { ...known, whispers: [...known.whispers, { channel, user, message, id, after }] };
    }
    case 'home':
      return { ...known, homes: new Map([...known.homes, [event.user, event.view]]) };
    default:
      return known;
  }
}

/** @returns {Known} */
export function withoutWhisper(/** @type {Known} */ known, /** @type {number} */ id) {
  return { ...known, whispers: known.whispers.filter((whisper) => whisper.id !== id) };
}

/**
 * @param {Known} known
 * @param {string} channel
 * @param {string} me the user who looks: others' ephemeral messages are not there
 * @param {string} [timeZone]
 * @returns {Entry[]} oldest first, replies under their parent, a day before its first message
 */
export function entriesOf(known, channel, me, timeZone) {
  const here = [...known.messages.values()]
    .filter((message) => message.channel === channel)
    .sort((left, right) => compareTs(left.ts, right.ts));
  /** @type {Map<string, Message[]>} */
  const threads = new Map();
  for (const reply of here.filter(isReply)) {
    const root = reply.thread_ts ?? '';
    threads.set(root, [...(threads.get(root) ?? []), reply]);
  }
  const whispers = known.whispers.filter((whisper) => whisper.channel === channel && whisper.user === me);
  /** @type {Entry[]} */
  const entries = [];
  let day = '';
  const whisper = (/** @type {(after: string) => boolean} */ isDue) => {
    for (const one of whispers.filter(({ after }) => isDue(after))) {
      entries.push({ kind: 'whisper', key: `whisper-${one.id}`, whisper: one });
    }
  };
  const parents = here.filter((message) => !isReply(message));
  whisper((after) => parents.every(({ ts }) => compareTs(after, ts) < 0));
  parents.forEach((message, index) => {
    const { ts } = message;
    if (dayOf(ts, timeZone) !== day) {
      day = dayOf(ts, timeZone);
      entries.push({ kind: 'day', key: `day-${day}`, ts });
    }
    entries.push({ kind: 'message', key: ts, message, replies: threads.get(ts) ?? [] });
    const next = parents[index + 1]?.ts;
    whisper((after) => compareTs(after, ts) >= 0 && (next === undefined || compareTs(after, next) < 0));
  });
  return entries;
}

/**
 * @param {Known} known
 * @param {string} channel
 * @returns {Message | undefined} the newest message whose metadata says that it is a board
 */
export function newestBoard(known, channel) {
  return [...known.messages.values()]
    .filter((message) => message.channel === channel && !isReply(message) && isBoard(message))
    .sort((left, right) => compareTs(right.ts, left.ts))[0];
}

/** @returns {boolean} */
function isBoard(/** @type {Message} */ { metadata }) {
  const key = metadata?.event_payload['key'];
  return typeof key === 'string' && /(?:^|\/)board\//.test(key);
}

/** A thread's parent may name itself as its thread. @returns {boolean} */
function isReply(/** @type {Message} */ { ts, thread_ts }) {
  return thread_ts !== undefined && thread_ts !== ts;
}

/** @returns {Known} */
function withMessage(/** @type {Known} */ known, /** @type {Message} */ message) {
  const old = known.messages.get(keyOf(message));
  // What was heard while the state was on its way may be older than that state.
  if (old !== undefined && old.edits > message.edits) return known;
  return { ...known, messages: new Map([...known.messages, [keyOf(message), message]]) };
}

/**
 * @template Value
 * @param {ReadonlyMap<string, Value>} map
 * @param {string} key
 */
function without(map, key) {
  return new Map([...map].filter(([other]) => other !== key));
}

/** @returns {string} */
function newestTs(/** @type {Known} */ { messages }, /** @type {string} */ channel) {
  return [...messages.values()]
    .filter((message) => message.channel === channel)
    .reduce((newest, { ts }) => (compareTs(ts, newest) > 0 ? ts : newest), '0');
}

/**
 * @template Value
 * @param {Value} old
 * @param {Value} fresh
 * @returns {Value} the old one if it says the same
 */
function keep(old, fresh) {
  return JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}
