import { describe, expect, test } from '@jest/globals';
import type { Live, Message, UiEvent, UiState } from '../../../localstack/slack/page/page.d.ts';
import { message, posted, state } from './page-fixtures.ts';
import { follow } from './page-modules.ts';

const edited = (one: Message): UiEvent => ({ type: 'edited', message: one });

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
