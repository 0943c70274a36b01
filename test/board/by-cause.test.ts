import { expect, test } from '@jest/globals';
import { groupsByCause } from '../../src/board/by-cause.ts';

const grouped = (...errors: (string | null)[]) =>
  groupsByCause(errors.map((error) => ({ error }))).map(({ cause, members }) => [cause, members.length]);

test('failures are grouped by the line that tells the cause, the most frequent first', () => {
  const traceback = 'Traceback (most recent call last):\n  File "a.py", line 3\nValueError: no rows';
  expect(grouped('disk full', traceback, 'ValueError: no rows', 'disk full\nat x', 'disk full')).toEqual([
    ['disk full', 3],
    ['ValueError: no rows', 2],
  ]);
});

test('numbers that stand alone make no difference, those of hosts, ports and versions do', () => {
  expect(grouped('refused (attempt 1 of 8)', 'refused (attempt 22 of 8)')).toEqual([
    ['refused (attempt 1 of 8)', 2],
  ]);
  expect(
    grouped('no route to db-1', 'no route to db-2', 'port x:1', 'port x:2', 'v1.2', 'v1.3'),
  ).toHaveLength(6);
});

test('what shows no cause stands alone', () => {
  expect(grouped(null, null, ' ', ' ')).toEqual(Array.from({ length: 4 }, () => [undefined, 1]));
});
