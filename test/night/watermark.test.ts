import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { watermarkOf, type ConsumerReport } from '../../src/night/watermark.ts';

const at = (time: string): number => Date.parse(`2026-11-24T${time}Z`);
const now = at('02:00:00.000');
const real = { now, fromReal: (instant: number) => instant };

/** A consumer that was seen 2 s ago. */
function consumer(readUpTo: string | null, seenAt = at('01:59:58.000')): ConsumerReport {
  return { seenAt, readUpTo };
}

const busy = (time: string): ConsumerReport => consumer(`2026-11-24T${time}Z`);

describe('the watermark', () => {
  test.each([
    ['an idle consumer: when it said so, less 5 s', [consumer('idle')], '01:59:53.000'],
    ['a busy one: what it has read up to, less 5 s', [busy('01:30:00.000')], '01:29:55.000'],
    ['several: the least', [consumer('idle'), busy('01:30:00.000'), busy('01:45:00.000')], '01:29:55.000'],
    [
      'several idle ones: the first that said so',
      [consumer('idle'), consumer('idle', at('01:59:50.000'))],
      '01:59:45.000',
    ],
    ['a stamp from a clock that is ahead: now, less 5 s', [busy('02:00:30.000')], '01:59:55.000'],
  ])('of %s', (_what, consumers, expected) => {
    expect(watermarkOf(consumers, real)).toBe(at(expected));
    expect(watermarkOf(consumers.toReversed(), real)).toBe(at(expected));
  });

  test('is not known while no consumer lives', () => {
    expect(watermarkOf([], real)).toBeNull();
  });

  test('is not known while one of the consumers does not report one', () => {
    expect(watermarkOf([consumer('idle'), consumer(null)], real)).toBeNull();
    expect(watermarkOf([consumer(null), consumer('idle')], real)).toBeNull();
  });

  test('is 5 s of real time behind, which are 20 min on a clock that runs 240 times as fast', () => {
    const origin = at('02:00:00.000');
    const { fromReal } = createClock({ start: at('17:00:00.000'), speed: 240, origin });
    const reading = { now: fromReal(origin + 30_000), fromReal };
    expect(reading.now).toBe(at('19:00:00.000'));
    expect(watermarkOf([consumer('idle', origin + 28_000)], reading)).toBe(at('18:32:00.000'));
    expect(watermarkOf([busy('18:00:00.000')], reading)).toBe(at('17:40:00.000'));
  });
});
