import { describe, expect, test } from '@jest/globals';
import { eventIdFrom } from '../../src/events/identity.ts';
import type { Report } from '../../src/events/event.ts';
import { eventOf, liesAhead } from '../../src/events/reports.ts';
import { idOf } from '../support/facts.ts';

const defaults = { timestamp: '2026-11-23T17:30:00.000Z', id: 'message-1' };

describe('the time and the id of a report', () => {
  const beat = { type: 'heartbeat', scheduler_id: 'payroll' } satisfies Report;

  test('are its own where it has them', () => {
    const report = { ...beat, timestamp: '2026-11-23T17:00:00.000Z', event_id: idOf(5) };
    expect(eventOf(report, defaults)).toEqual({
      v: 1,
      type: 'heartbeat_received',
      scheduler_id: 'payroll',
      occurred_at: '2026-11-23T17:00:00.000Z',
      event_id: '00000000-0000-4000-8000-000000000005',
    });
  });

  test('are the defaults where it has neither', () => {
    expect(eventOf(beat, defaults)).toMatchObject({
      occurred_at: '2026-11-23T17:30:00.000Z',
      event_id: eventIdFrom('payroll', 'message-1'),
    });
  });

  test('with a time of its own and no id, the id is of the content: a retry in another message is the same', () => {
    const report = { ...beat, timestamp: '2026-11-23T17:00:00.000Z' };
    const one = eventOf(report, defaults);
    expect(eventOf(report, { timestamp: '2026-11-23T19:00:00.000Z', id: 'message-2' })).toEqual(one);
    expect(one.event_id).not.toBe(eventIdFrom('payroll', 'message-1'));
  });

  test('without a time and with an id of its own, the id is its own and the time the default', () => {
    expect(eventOf({ ...beat, event_id: 'beat-7' }, defaults)).toMatchObject({
      occurred_at: '2026-11-23T17:30:00.000Z',
      event_id: eventIdFrom('payroll', 'beat-7'),
    });
  });

  test('without any id, not even a default, the id is of the content', () => {
    const one = eventOf(beat, { timestamp: defaults.timestamp });
    expect(eventOf(beat, { timestamp: defaults.timestamp })).toEqual(one);
    expect(eventOf(beat, { timestamp: '2026-11-23T17:30:00.001Z' }).event_id).not.toBe(one.event_id);
  });
});

describe('a time', () => {
  const accepted = '2026-11-23T17:30:00.000Z';

  test('may lie 5 minutes ahead of acceptance, and not a millisecond more', () => {
    expect(liesAhead('2026-11-23T17:35:00.000Z', accepted)).toBe(false);
    expect(liesAhead('2026-11-23T17:35:00.001Z', accepted)).toBe(true);
  });

  test('may lie as far back as it likes', () => {
    expect(liesAhead('0000-01-01T00:00:00.000Z', accepted)).toBe(false);
  });
});
