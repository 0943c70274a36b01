import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../../../src/clock.ts';
import { createPacing } from '../../../../src/transports/slack/messenger/pacing.ts';
import { RateLimitedError } from '../../../../src/transports/slack/slack-errors.ts';

function start() {
  const time = { at: 1_000_000, setBack: 0 };
  const waits: number[] = [];
  const wait = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const pacing = createPacing(
    createClock(
      {},
      () => time.at,
      () => time.at + time.setBack,
    ),
    wait,
  );
  return { time, waits, pacing };
}

const never = Number.POSITIVE_INFINITY;

describe('a machine’s clock that is set back an hour', () => {
  test('stretches neither a turn nor what Slack asked for', async () => {
    const { pacing, waits, time } = start();
    await pacing.turn('C0A', never);
    pacing.heed(new RateLimitedError('chat.update', 30_000));
    time.at -= 3_600_000;
    time.setBack += 3_600_000;
    await pacing.turn('C0A', 5_000);
    expect(waits).toEqual([1_000]);
    expect(() => {
      pacing.admit('chat.update');
    }).toThrow('rate-limited for 30000 ms');
    time.at += 30_000;
    pacing.admit('chat.update');
  });
});

describe('posting', () => {
  test('goes at one message a second in a channel, in the order of asking', async () => {
    const { pacing, waits } = start();
    await Promise.all([1, 2, 3].map(() => pacing.turn('C0A', never)));
    expect(waits).toEqual([1_000, 2_000]);
  });

  test('in one channel does not wait for another', async () => {
    const { pacing, waits } = start();
    await Promise.all(['C0A', 'C0B'].map((channel) => pacing.turn(channel, never)));
    expect(waits).toEqual([]);
  });

  test('waits no more once a second has passed, to the millisecond', async () => {
    const { pacing, waits, time } = start();
    await pacing.turn('C0A', never);
    time.at += 999;
    await pacing.turn('C0A', never);
    expect(waits).toEqual([1]);
    time.at += 1_001;
    await pacing.turn('C0A', never);
    expect(waits).toEqual([1]);
  });

  test('is refused at once where the turn would come too late, and takes nobody’s turn then', async () => {
    const { pacing, waits } = start();
    await pacing.turn('C0A', never);
    await expect(pacing.turn('C0A', 999)).rejects.toMatchObject({ retryAfterMs: 1_000 });
    await pacing.turn('C0A', 1_000);
    expect(waits).toEqual([1_000]);
  });
});

describe('a Retry-After', () => {
  test('holds its method back until it is over, to the millisecond', () => {
    const { pacing, time } = start();
    pacing.heed(new RateLimitedError('chat.update', 30_000));
    time.at += 29_999;
    expect(() => {
      pacing.admit('chat.update', 'C0A');
    }).toThrow('chat.update: rate-limited for 1 ms');
    time.at += 1;
    pacing.admit('chat.update', 'C0A');
  });

  test('does not hold other methods back', () => {
    const { pacing } = start();
    pacing.heed(new RateLimitedError('chat.update', 30_000));
    pacing.admit('conversations.history', 'C0A');
    pacing.admit('chat.postMessage', 'C0A');
  });

  test('for posting holds one channel back, turns in it included', async () => {
    const { pacing } = start();
    pacing.heed(new RateLimitedError('chat.postMessage', 30_000), 'C0A');
    await expect(pacing.turn('C0A', never)).rejects.toThrow(RateLimitedError);
    await pacing.turn('C0B', never);
  });

  test('also reaches those who wait for their turn', async () => {
    const { pacing } = start();
    await pacing.turn('C0A', never);
    const waiting = pacing.turn('C0A', never);
    pacing.heed(new RateLimitedError('chat.postMessage', 30_000), 'C0A');
    await expect(waiting).rejects.toThrow(RateLimitedError);
  });

  test('is not shortened by a later, shorter one', () => {
    const { pacing, time } = start();
    pacing.heed(new RateLimitedError('chat.update', 30_000));
    pacing.heed(new RateLimitedError('chat.update', 1_000));
    time.at += 1_000;
    expect(() => {
      pacing.admit('chat.update');
    }).toThrow('rate-limited for 29000 ms');
  });
});
