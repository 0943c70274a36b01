import { describe, expect, test } from '@jest/globals';
import {
  emptyGroupingState,
  groupAlert,
  type GroupingState,
  type Place,
} from '../../../../src/alerts/grouping.ts';

const keyed = (name: string) => ({ night: 'eod/2026-11-23', message_key: name });

/** Places alerts, named by their number, at these real times. */
function placeAll(
  times: readonly number[],
  before: GroupingState = emptyGroupingState,
): { places: Place[]; groupingState: GroupingState } {
  const places: Place[] = [];
  let current = before;
  times.forEach((time, n) => {
    const [next, place] = groupAlert(current, `alert-${n}`, keyed(`group-${n}`), time);
    current = next;
    places.push(place);
  });
  return { places, groupingState: current };
}

describe('alerts of one channel', () => {
  test('go singly until five went within 60 s, then into one group', () => {
    expect(placeAll([0, 1, 2, 3, 4, 5, 6]).places).toEqual([
      ...Array.from({ length: 5 }, () => 'single'),
      keyed('group-5'),
      keyed('group-5'),
    ]);
  });

  test('go singly again as soon as the first of five is 60 s old, to the millisecond', () => {
    expect(placeAll([0, 1, 2, 3, 4, 59_999]).places[5]).toEqual(keyed('group-5'));
    expect(placeAll([0, 1, 2, 3, 4, 60_000]).places[5]).toBe('single');
  });

  test('join an open group even when few went singly lately', () => {
    const times = [0, 1, 2, 3, 4, 5, 50_000, 100_000];
    expect(placeAll(times).places.slice(5)).toEqual([keyed('group-5'), keyed('group-5'), keyed('group-5')]);
  });

  test('find a group closed after 60 s without a new one, to the millisecond', () => {
    expect(placeAll([0, 1, 2, 3, 4, 5, 60_004]).places[6]).toEqual(keyed('group-5'));
    expect(placeAll([0, 1, 2, 3, 4, 5, 60_005]).places[6]).toBe('single');
  });

  test('open the next group when one holds 200', () => {
    const { places } = placeAll(Array.from({ length: 206 }, (_, n) => n));
    expect(places[204]).toEqual(keyed('group-5'));
    expect(places[205]).toEqual(keyed('group-205'));
  });

  test('are not counted twice when they are delivered twice', () => {
    const { groupingState } = placeAll([0, 1, 2, 3]);
    const [again, place] = groupAlert(groupingState, 'alert-0', keyed('g'), 10);
    expect(place).toBe('single');
    expect(again.singles).toHaveLength(4);
  });
});
