import { describe, expect, test } from '@jest/globals';
import type { Known, Message, UiEvent, View } from '../../../localstack/slack/page/page.d.ts';
import { channel, message, posted, state, tsAt } from './page-fixtures.ts';
import { known, placeOf } from './page-modules.ts';

const { nothing, withEvent, withState, withoutWhisper, entriesOf, newestBoard } = known;
const edited = (one: Message): UiEvent => ({ type: 'edited', message: one });
const whisper = (text: string, user = 'U0SARI'): UiEvent => ({
  type: 'ephemeral',
  channel,
  user,
  message: { ts: tsAt(0), text },
});
const after = (start: Known, ...events: UiEvent[]) => events.reduce(withEvent, start);

/** What a reader sees, in short. */
function read(now: Known, me = 'U0SARI'): string[] {
  return entriesOf(now, channel, me, 'Asia/Jakarta').map((entry) => {
    switch (entry.kind) {
      case 'day':
        return entry.key;
      case 'whisper':
        return `(${entry.whisper.message.text})`;
      case 'message':
        return [entry.message, ...entry.replies].map(({ text }) => text).join(' > ');
    }
  });
}

describe('what stands in a channel', () => {
  test('is oldest first, under its local day, with replies under their parent', () => {
    const parent = message(0, { reply_count: 2 });
    const reply = (seconds: number) => message(seconds, { thread_ts: parent.ts });
    const now = withState(nothing, state(reply(90), message(61), parent, reply(30)));
    expect(read(now)).toEqual([
      'day-Monday 23 November 2026',
      'at 0 > at 30 > at 90',
      'day-Tuesday 24 November 2026',
      'at 61',
    ]);
  });

  test('leaves other channels out', () => {
    const now = withState(nothing, state(message(0, { channel: 'C0OTHER' })));
    expect(read(now)).toEqual([]);
  });

  test('has what only one user sees where it came, for that user, until it is dismissed', () => {
    const start = withState(nothing, state(message(0)));
    const now = after(
      start,
      whisper('yours'),
      whisper('another’s', 'U0BUDI'),
      posted(message(10)),
      whisper('last'),
    );
    expect(read(now).slice(1)).toEqual(['at 0', '(yours)', 'at 10', '(last)']);
    expect(read(withoutWhisper(now, 1)).slice(1)).toEqual(['at 0', 'at 10', '(last)']);
    expect(read(now, 'U0BUDI').slice(1)).toEqual(['at 0', '(another’s)', 'at 10']);
  });

  test('keeps what only one user sees over a new state and in an empty channel', () => {
    const now = withState(after(withState(nothing, state()), whisper('yours')), state());
    expect(read(now)).toEqual(['(yours)']);
  });
});

describe('an event', () => {
  test('posts, edits and deletes', () => {
    const start = withState(nothing, state());
    const first = after(start, posted(message(0)), edited(message(0, { text: 'better', edits: 1 })));
    expect(read(first).slice(1)).toEqual(['better']);
    expect(read(after(first, { type: 'deleted', channel, ts: tsAt(0) }))).toEqual([]);
  });

  test('that is older than what is known changes nothing', () => {
    const start = withState(nothing, state(message(0, { text: 'third', edits: 2 })));
    const late = after(start, posted(message(0)), edited(message(0, { text: 'second', edits: 1 })));
    expect(late).toEqual(start);
  });

  test('about a home replaces that user’s view', () => {
    const view: View = { type: 'home', blocks: [] };
    const now = withEvent(withState(nothing, state()), { type: 'home', user: 'U0SARI', view });
    expect(now.homes.get('U0SARI')).toEqual(view);
  });
});

test('a state that says the same keeps every message the same object, so that nothing is drawn anew', () => {
  const before = withState(nothing, state(message(0), message(1)));
  const now = withState(before, state(message(0), message(1, { text: 'new', edits: 1 })));
  const key = (seconds: number) => `${channel}/${tsAt(seconds)}`;
  expect(now.messages.get(key(0))).toBe(before.messages.get(key(0)));
  expect(now.messages.get(key(1))).not.toBe(before.messages.get(key(1)));
  expect(now.users).toBe(before.users);
});

test('the newest board is the last message whose key says so, never a part in a thread', () => {
  const keyed = (key: string) => ({ metadata: { event_type: 'ronda_message', event_payload: { key } } });
  const now = withState(
    nothing,
    state(
      message(0, keyed('eod/2026-11-22/board/1')),
      message(1, keyed('board/eod/2026-11-23/1')),
      message(2, { ...keyed('board/eod/2026-11-23/2'), thread_ts: tsAt(1) }),
      message(3, keyed('alert/a-board/x')),
    ),
  );
  expect(newestBoard(now, channel)?.ts).toBe(tsAt(1));
  expect(newestBoard(now, 'C0OTHER')).toBeUndefined();
});

test.each([
  ['#home', { kind: 'home' }],
  ['#C0RONDA', { kind: 'channel', channel: 'C0RONDA', ts: undefined }],
  ['#C0RONDA/1795453140.000100', { kind: 'channel', channel: 'C0RONDA', ts: '1795453140.000100' }],
  ['#C0RONDA/p1795453140000100', { kind: 'channel', channel: 'C0RONDA', ts: '1795453140.000100' }],
  ['#scroller', undefined],
  ['', undefined],
])('the address %s leads to its place', (hash, place) => {
  expect(placeOf(hash)).toEqual(place);
});
