import { describe, expect, test } from '@jest/globals';
import { fold, type CurrentState } from '../../../projections/current-state.ts';
import type { RondaEvent } from '../../../src/events/event.ts';
import { durationOf, newerThan, storyOf, storyPrint } from '../../../src/slack/alerts/story.ts';
import { acknowledgement, at, idOf, recorded, status } from '../../support/facts.ts';

const failure = status({ status: 'failed', occurred_at: at('18:40:00.000'), event_id: idOf(40) });
const completed = (when: string) =>
  status({ status: 'completed', occurred_at: at(when), event_id: idOf(50) });
const running = (when: string) => status({ status: 'running', occurred_at: at(when), event_id: idOf(30) });

/** The job's row after these events. */
function after(...events: RondaEvent[]): CurrentState {
  return fold(
    'payroll',
    events.map((event) => recorded(event)),
  );
}

describe('the story of a failure', () => {
  const nothing = { acknowledged: null, recovered: null };

  test('is empty while nobody knows more of the job, or anything', () => {
    expect(storyOf(failure, undefined)).toEqual(nothing);
    expect(storyOf(failure, after(failure))).toEqual(nothing);
  });

  test('is that it recovered once the job completed after it, by a millisecond or more', () => {
    const recovered = (when: string) => storyOf(failure, after(failure, completed(when))).recovered;
    expect(recovered('18:39:59.999')).toBeNull();
    expect(recovered('18:40:00.000')).toBeNull();
    expect(recovered('18:40:00.001')).toEqual({ at: Date.parse(at('18:40:00.001')), after: 1 });
    expect(recovered('19:15:00.000')).toEqual({ at: Date.parse(at('19:15:00.000')), after: 2_100_000 });
  });

  test('is still that it recovered when the job runs, or fails, again', () => {
    const again = status({ status: 'failed', occurred_at: at('19:20:00.000'), event_id: idOf(60) });
    const rows = after(failure, completed('19:15:00.000'), running('19:18:00.000'), again);
    expect(storyOf(failure, rows).recovered?.after).toBe(2_100_000);
    expect(storyOf(again, rows).recovered).toBeNull();
  });

  test('is not that it recovered while the job only runs again', () => {
    expect(storyOf(failure, after(failure, running('18:45:00.000')))).toEqual(nothing);
  });

  test('names who acknowledged this failure, and not who acknowledged another', () => {
    const by = (failure_event_id: string) =>
      acknowledgement({ failure_event_id, by: 'rina', occurred_at: at('18:50:00.000'), event_id: idOf(70) });
    expect(storyOf(failure, after(failure, by(idOf(40)))).acknowledged).toEqual({
      by: 'rina',
      at: Date.parse(at('18:50:00.000')),
    });
    expect(storyOf(failure, after(failure, by(idOf(41)))).acknowledged).toBeNull();
  });

  test('has a print that is the same for the same story, and another for every other', () => {
    const tale = { acknowledged: { by: 'rina', at: 5 }, recovered: { at: 9, after: 3 } };
    const prints = [
      tale,
      { ...tale, acknowledged: null },
      { ...tale, acknowledged: { by: 'budi', at: 5 } },
      { ...tale, recovered: null },
      { ...tale, recovered: { at: 10, after: 4 } },
      nothing,
    ].map(storyPrint);
    expect(new Set(prints).size).toBe(6);
    expect(storyPrint({ ...tale })).toBe(prints[0]);
  });
});

describe('a failure is overtaken', () => {
  test('by nothing while it is the latest, or the job is unknown', () => {
    expect(newerThan(failure, undefined)).toBeNull();
    expect(newerThan(failure, after(failure))).toBeNull();
    expect(newerThan(failure, after(failure, running('18:39:59.999')))).toBeNull();
  });

  test.each(['pending', 'running', 'completed', 'failed'] as const)('by a later %s', (newer) => {
    const later = status({ status: newer, occurred_at: at('18:40:00.001'), event_id: idOf(10) });
    expect(newerThan(failure, after(failure, later))).toMatchObject({ status: newer, id: idOf(10) });
  });

  test('at the same instant only by a failure of a greater id', () => {
    const now = (other: Parameters<typeof status>[0]) =>
      newerThan(failure, after(failure, status({ occurred_at: at('18:40:00.000'), ...other })))?.id ?? null;
    expect(now({ status: 'completed', event_id: idOf(99) })).toBeNull();
    expect(now({ status: 'failed', event_id: idOf(39) })).toBeNull();
    expect(now({ status: 'failed', event_id: idOf(41) })).toBe(idOf(41));
  });
});

describe('a failed run took', () => {
  test('what its service says, even nothing', () => {
    const began = after(running('18:05:00.000'), failure);
    expect(durationOf({ ...failure, execution_time_ms: 61_000 }, began)).toBe(61_000);
    expect(durationOf({ ...failure, execution_time_ms: 0 }, began)).toBe(0);
  });

  test('the time since it began, when its service does not say', () => {
    expect(durationOf(failure, after(running('18:05:00.000'), failure))).toBe(2_100_000);
    expect(durationOf(failure, after(running('18:40:00.000'), failure))).toBe(0);
  });

  test('nobody knows how long, when no beginning of it is known', () => {
    expect(durationOf(failure, undefined)).toBeNull();
    expect(durationOf(failure, after(failure))).toBeNull();
    expect(durationOf(failure, after(failure, running('18:45:00.000')))).toBeNull();
  });
});
