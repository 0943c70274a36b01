import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderStale, type StaleWarning } from '../../../src/slack/render/stale.ts';
import {
  dangersIn,
  footers,
  hostileText,
  instant,
  parsedTexts,
  refusals,
  richTexts,
  texts,
  wib,
  zone,
} from './samples.ts';

const silent: StaleWarning = {
  scheduler_id: 'eod-billing',
  service_name: 'billing',
  job_name: 'close-day',
  lastHeartbeat: wib('01:40'),
  timeoutMinutes: 30,
  runningSince: wib('00:30'),
  mention: 'U0SARI',
  heardAgainAt: null,
  ended: null,
  zone,
  now: wib('02:12'),
};

describe('a stale warning', () => {
  test('says which job is silent, since when and for how long, and mentions its owner', () => {
    const { text, blocks } = renderStale(silent);
    expect(text).toBe(
      '<@U0SARI> billing / close-day: no sign of life for more than 30 minutes, last heartbeat 01:40 WIB',
    );
    expect(texts(blocks)).toEqual([
      '⚠ billing / close-day is silent',
      '<@U0SARI> this job is yours.',
      'It reports that it runs, but gave no sign of life for more than 30 minutes.',
    ]);
    expect(richTexts(blocks)).toEqual([
      'Service: billing\nJob: close-day\nLast heartbeat: 01:40 WIB\nRunning since: 00:30 WIB',
    ]);
    expect(footers(blocks)).toEqual([]);
  });

  test('does not change as the same day goes on', () => {
    const later = renderStale({ ...silent, now: wib('05:00') });
    expect(later.text).toBe(renderStale(silent).text);
    expect(texts(later.blocks)).toEqual(texts(renderStale(silent).blocks));
  });

  test('says when the job was heard again, and calls its owner no longer', () => {
    const { text, blocks } = renderStale({ ...silent, heardAgainAt: wib('03:12') });
    expect(texts(blocks)).toEqual([
      '🟡 billing / close-day was silent',
      'There was no sign of life for more than 30 minutes.',
    ]);
    expect(text).toMatch(/^billing \/ close-day: /);
    expect(footers(blocks)).toEqual(['heard again at 03:12 after 1 h 32 min']);
    expect(text).toMatch(/ \(heard again at 03:12 after 1 h 32 min\)$/);
  });

  test('says how the job ended', () => {
    const heardAgainAt = wib('03:12');
    const completed = renderStale({
      ...silent,
      heardAgainAt,
      ended: { status: 'completed', at: wib('03:40') },
    });
    expect(texts(completed.blocks)[0]).toBe('✅ billing / close-day was silent');
    expect(footers(completed.blocks)).toEqual(['heard again at 03:12 after 1 h 32 min, completed at 03:40']);
    const failed = renderStale({ ...silent, ended: { status: 'failed', at: wib('03:40') } });
    expect(texts(failed.blocks)[0]).toBe('❌ billing / close-day was silent');
    expect(footers(failed.blocks)).toEqual(['failed at 03:40']);
  });

  test('of anything is taken by Slack and parses as nothing but the mention', () => {
    const maybeInstant = fc.option(instant, { nil: null });
    const warning: fc.Arbitrary<StaleWarning> = fc.record({
      scheduler_id: fc.constant('eod-billing'),
      service_name: hostileText,
      job_name: hostileText,
      lastHeartbeat: instant,
      timeoutMinutes: fc.integer({ min: 1, max: 1_440 }),
      runningSince: maybeInstant,
      mention: fc.oneof(fc.constant('U0SARI'), hostileText),
      heardAgainAt: maybeInstant,
      ended: fc.option(fc.record({ status: fc.constantFrom('completed', 'failed'), at: instant }), {
        nil: null,
      }),
      zone: fc.constant(zone),
      now: instant,
    });
    fc.assert(
      fc.property(warning, (one) => {
        const content = renderStale(one);
        expect(refusals(content)).toEqual([]);
        expect(parsedTexts(content).flatMap((text) => dangersIn(text, ['<@U0SARI>']))).toEqual([]);
      }),
    );
  });
});
