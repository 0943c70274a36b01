import { createBar } from './bar.js';
import { blockNodes } from './blocks.js';
import { createChannel } from './channel.js';
import { make, showParts } from './dom.js';
import { entriesOf, newestBoard, nothing, withEvent, withoutWhisper, withState } from './known.js';
import { follow } from './live.js';
import { placeOf } from './place.js';
import { fetchState, send } from './requests.js';
import { mrkdwnNodes } from './text.js';

/**
 * The page: what is known, who acts and where the reader is; everything on it is drawn from these.
 * @typedef {import('./page.d.ts').Surroundings} Surroundings
 * @typedef {import('./page.d.ts').UiEvent} UiEvent
 * @typedef {import('./page.d.ts').KitButton} KitButton
 * @typedef {{ channel: string, ts: string } | Record<string, never>} Origin nothing for an App Home
 */

/** @returns {HTMLElement} */
const part = (/** @type {string} */ id) => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
};
const whoActs = /** @type {HTMLSelectElement} */ (part('me'));
const command = /** @type {HTMLInputElement} */ (part('command'));
const boardLink = /** @type {HTMLAnchorElement} */ (part('board-link'));
const { showPlaces, showUsers } = createBar(document, { places: part('places'), users: whoActs });
const channelView = createChannel(document, {
  scroller: part('scroller'),
  list: part('messages'),
  earlier: part('earlier'),
  fresh: part('fresh'),
});
const shownHome = new Map();

let known = nothing;
let me = recall('me') ?? '';
let channel = '';
let isHome = false;
/** A message that the address names and that has not been shown yet. @type {string | undefined} */
let sought;
let isDrawing = false;

/** Draws before the next frame, however much happens until then. */
function redraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}

function draw() {
  if (known === nothing) return;
  // Someone must act, even before anybody has been chosen.
  if (!known.users.some(({ id }) => id === me)) me = known.users[0]?.id ?? me;
  if (channel === '') channel = known.channels[0]?.id ?? '';
  const wasHidden = part('channel').hidden;
  part('channel').hidden = isHome;
  part('home').hidden = !isHome;
  showPlaces(known, isHome ? '#home' : `#${channel}`);
  showUsers(known, me);
  if (isHome) drawHome();
  else drawChannel(wasHidden);
}

function drawChannel(/** @type {boolean} */ isEntered) {
  const name = known.channels.find(({ id }) => id === channel)?.name;
  part('title').textContent = name === undefined ? 'No such channel' : `# ${name}`;
  const board = newestBoard(known, channel);
  boardLink.hidden = board === undefined;
  if (board !== undefined) boardLink.href = `#${channel}/${board.ts}`;
  const entries = entriesOf(known, channel, me);
  part('empty').hidden = entries.length > 0;
  channelView.show({
    entries,
    me,
    names: [known.users, known.channels],
    aroundOf,
    onDismiss: (id) => {
      known = withoutWhisper(known, id);
      command.focus();
      redraw();
    },
  });
  if (isEntered) channelView.toEnd();
  if (sought !== undefined && channelView.reveal(sought)) sought = undefined;
}

function drawHome() {
  part('title').textContent = 'App Home';
  boardLink.hidden = true;
  const view = known.homes.get(me);
  const build = () =>
    view === undefined
      ? make(document, 'p', { class: 'empty' }, ['Ronda has shown you no home yet.'])
      : make(document, 'div', { class: 'content' }, blockNodes(view.blocks, aroundOf({})));
  showParts(part('home'), [{ key: 'view', stamp: [view, me, known.users], build }], shownHome);
}

/** @returns {Surroundings} */
function aroundOf(/** @type {Origin} */ origin) {
  return {
    document,
    me,
    userName: (id) => (id === 'U0RONDA' ? 'Ronda' : known.users.find((user) => user.id === id)?.name),
    onPress: (button, blockId, element) => void press(origin, button, blockId, element),
  };
}

async function press(
  /** @type {Origin} */ origin,
  /** @type {KitButton} */ button,
  /** @type {string} */ blockId,
  /** @type {HTMLElement} */ element,
) {
  if (element.getAttribute('aria-busy') === 'true') return;
  element.setAttribute('aria-busy', 'true');
  const what = { block_id: blockId, action_id: button.action_id ?? '', value: button.value, user: me };
  complain(await send('/ui/action', { ...origin, ...what }));
  element.removeAttribute('aria-busy');
}

async function visitHome() {
  if (isHome && me !== '') complain(await send('/ui/home', { user: me }));
}

/** Says what went wrong, until the next act goes right. */
function complain(/** @type {string | undefined} */ trouble) {
  part('trouble').textContent = trouble ?? '';
}

/** Says to screen readers what a notification would say. Edits notify nobody, nor does what others are told. */
function announce(/** @type {UiEvent} */ event) {
  const isMine = event.type === 'posted' || (event.type === 'ephemeral' && event.user === me);
  if (!isMine || !('message' in event)) return;
  const words = mrkdwnNodes(event.message.text, aroundOf({})).map((node) => node.textContent);
  part('spoken').textContent = `Ronda: ${words.join('')}`;
}

function hear(/** @type {UiEvent} */ event) {
  known = withEvent(known, event);
  announce(event);
  redraw();
}

function go() {
  const place = placeOf(location.hash);
  // An address within the page, as of the link that skips to the messages, is no other place.
  if (place === undefined && location.hash.length > 1) return;
  isHome = place?.kind === 'home';
  if (place?.kind === 'channel') {
    if (place.channel !== channel) channelView.reset();
    ({ channel, ts: sought } = place);
  }
  draw();
  void visitHome();
}

function chooseUser() {
  me = whoActs.value;
  try {
    localStorage.setItem('me', me);
  } catch {
    // The browser may refuse storage: then the choice lasts as long as the page.
  }
  draw();
  void visitHome();
}

/** @returns {string | undefined} */
function recall(/** @type {string} */ name) {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

async function giveCommand() {
  const [, name, text] = /^(\/\S+)\s*([^]*)$/.exec(command.value.trim()) ?? [];
  if (name === undefined) {
    complain('Only commands can be sent here: begin with /eod.');
    return;
  }
  command.value = `${name} `;
  complain(await send('/ui/command', { command: name, text, user: me, channel }));
}

window.addEventListener('hashchange', go);
whoActs.addEventListener('change', chooseUser);
boardLink.addEventListener('click', () => {
  // Pressed again it leads there again, though the address does not change.
  if (boardLink.hash === location.hash) go();
});
part('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  void giveCommand();
});
go();
follow(
  {
    onState: (state) => {
      const isFirst = known === nothing;
      known = withState(known, state);
      redraw();
      if (isFirst) requestAnimationFrame(() => void visitHome());
    },
    onEvent: hear,
    onStatus: (isLive) => {
      part('status').textContent = isLive ? 'Live' : 'Reconnecting…';
      part('status').className = isLive ? 'live' : 'waiting';
    },
  },
  {
    open: () => new EventSource('/ui/events'),
    fetchState,
    later: (ms, what) => void setTimeout(what, ms),
  },
);
