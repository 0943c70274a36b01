import { describe, expect, test } from '@jest/globals';
import type { Known, Live, Message, UiEvent, UiState } from '../../../localstack/slack/page/page.d.ts';
import { follow, known, placeOf } from './page-modules.ts';

const { nothing, withEvent, withState, withoutWhisper, entriesOf, newestBoard } = known;
const channel = 'C0RONDA';

/** 2026-11-23 16:59:00 UTC is 23:59 in Jakarta. */
const lateEvening = 1_795_453_140;
const tsAt = (seconds: number) => `${lateEvening + seconds}.000100`;

function message(seconds: number, about: Partial<Message> = {}): Message {
  const ts = tsAt(seconds);
  return {
    channel,
    ts,
    user: 'U0RONDA',
    bot_id: 'B0RONDA',
    text: `at ${seconds}`,
    edits: 0,
    reply_count: 0,
    ...about,
  };
}
function state(...messages: Message[]): UiState {
  return {
    team: { id: 'T0RONDA', name: 'Ronda', domain: 'ronda' },
    channels: [{ id: channel, name: 'eod' }],
    users: [{ id: 'U0SARI', name: 'sari', email: 'sari@example.com' }],
    messages,
    homes: [],
  };
}
const posted = (one: Message): UiEvent => ({ type: 'posted', message: one });
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
    const view = { type: 'home', blocks: [{ type: 'divider' }] } as const;
    const now = withEvent(withState(nothing, state()), {
      type: 'home',
      user: 'U0SARI',
      view: { ...view, blocks: [{ type: 'divider' }] },
    });
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

class FakeSource extends EventTarget {
  readonly CLOSED = 2;
  readyState = 0;
  close(): void {
    this.readyState = this.CLOSED;
  }
  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  says(event: UiEvent): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(event) }));
  }
  fails({ forGood }: { readonly forGood: boolean }): void {
    this.readyState = forGood ? this.CLOSED : 0;
    this.dispatchEvent(new Event('error'));
  }
}

/** A page that follows a workspace which answers when the test says so. */
function startFollowing() {
  const heard: string[] = [];
  const sources: FakeSource[] = [];
  const asked: PromiseWithResolvers<UiState>[] = [];
  const laters: (() => void)[] = [];
  const listener: Live = {
    onState: ({ messages }) => heard.push(`state ${messages.length}`),
    onEvent: (event) => heard.push(event.type),
    onStatus: (isLive) => heard.push(isLive ? 'live' : 'waiting'),
  };
  follow(listener, {
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    fetchState: () => {
      const answer = Promise.withResolvers<UiState>();
      asked.push(answer);
      return answer.promise;
    },
    later: (_, what) => laters.push(what),
  });
  const source = () => sources.at(-1) ?? new FakeSource();
  const answer = async (...messages: Message[]) => {
    asked.at(-1)?.resolve(state(...messages));
    await Promise.resolve();
  };
  const refuse = async () => {
    asked.at(-1)?.reject(new Error('no'));
    await Promise.resolve();
  };
  return { heard, sources, laters, source, answer, refuse };
}

describe('following the workspace', () => {
  test('what happens while the state is on its way is applied to it afterwards', async () => {
    const { heard, source, answer } = startFollowing();
    source().opens();
    source().says(posted(message(0)));
    expect(heard).toEqual([]);
    await answer();
    source().says(edited(message(0)));
    expect(heard).toEqual(['state 0', 'posted', 'live', 'edited']);
  });

  test('after a break the state is fetched anew, and an answer to the question before it is not taken', async () => {
    const { heard, source, answer } = startFollowing();
    source().opens();
    await answer();
    source().fails({ forGood: false });
    source().opens();
    await answer(message(0));
    expect(heard).toEqual(['state 0', 'live', 'waiting', 'state 1', 'live']);
  });

  test('a stream that the browser gave up is opened anew, once', async () => {
    const { heard, source, sources, laters, answer } = startFollowing();
    source().opens();
    await answer();
    source().fails({ forGood: true });
    source().fails({ forGood: true });
    expect(laters).toHaveLength(1);
    laters[0]?.();
    source().opens();
    await answer();
    expect(sources).toHaveLength(2);
    expect(heard).toEqual(['state 0', 'live', 'waiting', 'state 0', 'live']);
  });

  test('a state that cannot be fetched is asked for again over a new stream', async () => {
    const { heard, source, sources, laters, answer, refuse } = startFollowing();
    source().opens();
    await refuse();
    expect(sources[0]?.readyState).toBe(2);
    laters[0]?.();
    source().opens();
    await answer();
    expect(heard).toEqual(['waiting', 'state 0', 'live']);
  });
});
