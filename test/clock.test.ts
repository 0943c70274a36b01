import { getEventListeners } from 'node:events';
import { describe, expect, jest, test, afterEach } from '@jest/globals';
import fc from 'fast-check';
import { createClock, pause, remembered, timedOut, within } from '../src/clock.ts';

const noon = Date.parse('2026-11-23T12:00:00.000Z');
const midnight = Date.parse('2026-11-23T17:00:00.000Z');

/** A machine's time that a test sets. */
function machine(at: number) {
  const time = { at };
  return { time, real: () => time.at };
}

describe('a clock without settings', () => {
  test('is the machine’s, and says so', () => {
    const { time, real } = machine(noon);
    const clock = createClock({}, real);
    expect(clock.isReal).toBe(true);
    expect([clock.now(), clock.real(), clock.fromReal(5)]).toEqual([noon, noon, 5]);
    time.at += 1_500;
    expect([clock.now(), clock.real()]).toEqual([noon + 1_500, noon + 1_500]);
  });

  test('reads real time', () => {
    const { now, real } = createClock();
    const before = performance.timeOrigin + performance.now() - 60_000;
    expect(now()).toBeGreaterThan(before);
    expect(real()).toBeLessThan(before + 120_000);
  });

  test.each([
    ['a speed of 1', { speed: 1 }],
    ['an origin alone', { origin: 5 }],
    ['settings that are undefined', { start: undefined, speed: undefined, origin: undefined }],
  ])('with %s is still real', (_what, settings) => {
    const clock = createClock(settings, () => noon);
    expect([clock.isReal, clock.now()]).toEqual([true, noon]);
  });
});

describe('monotonic time', () => {
  test('goes on when the machine’s clock is set back an hour', () => {
    const { time, real } = machine(noon);
    const monotonic = { at: 5_000 };
    const clock = createClock({ start: midnight, speed: 240 }, real, () => monotonic.at);
    time.at -= 3_600_000;
    monotonic.at += 1_000;
    expect([clock.real(), clock.monotonic()]).toEqual([noon - 3_600_000, 6_000]);
  });

  test('is never scaled', () => {
    const { time, real } = machine(noon);
    const clock = createClock({ start: midnight, speed: 240 }, real);
    const before = clock.monotonic();
    time.at += 1_000;
    expect(clock.monotonic() - before).toBe(1_000);
  });
});

describe('within', () => {
  test('gives what the work comes to', async () => {
    await expect(within(60_000, Promise.resolve('done'))).resolves.toBe('done');
  });

  test('passes on what the work throws in time', async () => {
    await expect(within(60_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  test('says that it timed out, and a late rejection is nobody’s', async () => {
    const late = Promise.withResolvers<never>();
    await expect(within(1, late.promise)).resolves.toBe(timedOut);
    late.reject(new Error('too late'));
    await expect(within(1, Promise.resolve('goes on'))).resolves.toBe('goes on');
  });
});

describe('a shifted clock', () => {
  test('reads its start when it is made, and then runs as the machine’s', () => {
    const { time, real } = machine(noon);
    const clock = createClock({ start: midnight }, real);
    expect([clock.isReal, clock.now(), clock.real()]).toEqual([false, midnight, noon]);
    time.at += 1;
    expect([clock.now(), clock.real()]).toEqual([midnight + 1, noon + 1]);
  });
});

describe('a fast clock', () => {
  test('runs so many times faster from its start on, while real time stays real', () => {
    const { time, real } = machine(noon);
    const clock = createClock({ start: midnight, speed: 240 }, real);
    expect(clock.now()).toBe(midnight);
    time.at += 90_000;
    expect(clock.now()).toBe(Date.parse('2026-11-23T23:00:00.000Z'));
    expect(clock.real()).toBe(noon + 90_000);
    expect(clock.isReal).toBe(false);
  });

  test('without a start starts at the machine’s time', () => {
    const { time, real } = machine(noon);
    const clock = createClock({ speed: 60 }, real);
    expect(clock.now()).toBe(noon);
    time.at += 1_000;
    expect(clock.now()).toBe(noon + 60_000);
  });

  test('is one clock for all processes that share an origin, whenever each was started', () => {
    const settings = { start: midnight, speed: 60, origin: noon };
    const early = machine(noon + 1_000);
    const late = machine(noon + 30_000);
    const [a, b] = [createClock(settings, early.real), createClock(settings, late.real)];
    early.time.at = late.time.at;
    expect([a.now(), b.now()]).toEqual([midnight + 1_800_000, midnight + 1_800_000]);
  });

  test('gives whole milliseconds at any speed', () => {
    const { real } = machine(noon + 1_001);
    expect(createClock({ start: midnight, speed: 0.25, origin: noon }, real).now()).toBe(midnight + 250);
  });

  test('gives the Ronda time of an instant that another machine stamped', () => {
    const clock = createClock({ start: midnight, speed: 60, origin: noon }, () => noon + 10_000);
    expect(clock.fromReal(noon + 10_000)).toBe(clock.now());
    expect(clock.fromReal(noon + 9_000)).toBe(midnight + 540_000);
    expect(clock.fromReal(noon - 1_000)).toBe(midnight - 60_000);
  });

  test('never runs backwards', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 100_000, noNaN: true }),
        fc.array(fc.nat({ max: 86_400_000 }), { maxLength: 20 }),
        (speed, instants) => {
          const { fromReal } = createClock({ start: midnight, speed, origin: noon }, () => noon);
          const read = instants.toSorted((a, b) => a - b).map((ms) => fromReal(noon + ms));
          expect(read).toEqual(read.toSorted((a, b) => a - b));
        },
      ),
    );
  });
});

describe('a pause', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Whether a promise has ended by now. */
  function ended(promise: Promise<void>): () => boolean {
    let done = false;
    void promise.then(() => {
      done = true;
    });
    return () => done;
  }

  test('ends after its time and not a millisecond before', async () => {
    jest.useFakeTimers();
    const done = ended(pause(1_000));
    await jest.advanceTimersByTimeAsync(999);
    expect(done()).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(done()).toBe(true);
  });

  test('ends at once when its signal aborts, without an error and with no timer left', async () => {
    jest.useFakeTimers();
    const stop = new AbortController();
    const done = ended(pause(60_000, stop.signal));
    await jest.advanceTimersByTimeAsync(10);
    expect(done()).toBe(false);
    stop.abort(new Error('enough'));
    await jest.advanceTimersByTimeAsync(0);
    expect(done()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('does not begin when its signal has aborted already', async () => {
    jest.useFakeTimers();
    await pause(60_000, AbortSignal.abort());
    expect(jest.getTimerCount()).toBe(0);
  });

  test('leaves no listener on a signal that lives longer', async () => {
    const stop = new AbortController();
    for (let n = 0; n < 3; n += 1) await pause(0, stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });
});

describe('what is remembered', () => {
  function looks(ms: number) {
    const time = { passed: 1_000 };
    const begun: PromiseWithResolvers<string>[] = [];
    const look = remembered({ monotonic: () => time.passed }, ms, () => {
      const next = Promise.withResolvers<string>();
      begun.push(next);
      return next.promise;
    });
    return { time, begun, look };
  }

  test('is one look for all who ask at once, however long it takes, and until it is so old', async () => {
    const { time, begun, look } = looks(100);
    const first = [look(), look()];
    time.passed += 500;
    first.push(look());
    expect(begun).toHaveLength(1);
    begun[0]?.resolve('one');
    expect(await Promise.all(first)).toEqual(['one', 'one', 'one']);
    void look();
    expect(begun).toHaveLength(2);
    begun[1]?.resolve('two');
    await begun[1]?.promise;
    time.passed += 99;
    expect(await look()).toBe('two');
    time.passed += 1;
    void look();
    expect(begun).toHaveLength(3);
  });

  test('is no failure', async () => {
    const { begun, look } = looks(100);
    const failing = look();
    begun[0]?.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    void look();
    expect(begun).toHaveLength(2);
  });
});
