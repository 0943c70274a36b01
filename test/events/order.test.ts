import { describe, expect, test } from '@jest/globals';
import { compareRefs, compareStatuses, eventKey, lastKeyAt } from '../../src/events/order.ts';
import { at, idOf } from '../support/events.ts';

const early = at('17:00:00.000');
const late = at('17:00:00.001');

describe('the key of an event', () => {
  test('is its time and its id', () => {
    expect(eventKey({ at: early, id: idOf(1) })).toBe(
      '2099-11-23T17:00:00.000Z#00000000-0000-4000-8000-000000000001',
    );
  });

  test('sorts by time, then by id', () => {
    const marks = [
      { at: early, id: 'ffffffff-ffff-4fff-8fff-ffffffffffff' },
      { at: late, id: idOf(1) },
      { at: early, id: idOf(1) },
    ];
    expect(marks.map(eventKey).toSorted()).toEqual([
      '2099-11-23T17:00:00.000Z#00000000-0000-4000-8000-000000000001',
      '2099-11-23T17:00:00.000Z#ffffffff-ffff-4fff-8fff-ffffffffffff',
      '2099-11-23T17:00:00.001Z#00000000-0000-4000-8000-000000000001',
    ]);
    expect(marks.toSorted(compareRefs).map(eventKey)).toEqual(marks.map(eventKey).toSorted());
  });

  test('lies at or below the last key of its own instant and above that of the one before', () => {
    const key = eventKey({ at: late, id: 'ffffffff-ffff-4fff-8fff-ffffffffffff' });
    expect(key < lastKeyAt(late)).toBe(true);
    expect(eventKey({ at: late, id: idOf(0) }) > lastKeyAt(early)).toBe(true);
  });
});

describe('the order of statuses', () => {
  test('goes by time, then by rank, then by id', () => {
    const [a, b, c, d] = [
      { at: early, id: idOf(9), status: 'failed' },
      { at: late, id: idOf(9), status: 'running' },
      { at: late, id: idOf(1), status: 'completed' },
      { at: late, id: idOf(2), status: 'completed' },
    ] as const;
    expect([d, b, c, a].toSorted(compareStatuses)).toEqual([a, b, c, d]);
    expect(compareStatuses(c, c)).toBe(0);
  });
});
