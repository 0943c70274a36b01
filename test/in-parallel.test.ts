import { expect, test } from '@jest/globals';
import { inParallel } from '../src/in-parallel.ts';

const numbers = (length: number): number[] => Array.from({ length }, (_, n) => n);
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('every item is worked on once, and no more of them at a time than was said', async () => {
  let [underWay, most] = [0, 0];
  const seen: number[] = [];
  await inParallel(numbers(2_500), 3, async (n) => {
    seen.push(n);
    most = Math.max(most, (underWay += 1));
    await soon();
    underWay -= 1;
  });
  expect(seen).toEqual(numbers(2_500));
  expect(most).toBe(3);
});

test('after a failure nothing further is begun, what is under way is waited for, and the failure is thrown', async () => {
  const events: string[] = [];
  const run = inParallel(numbers(2_500), 3, async (n) => {
    events.push(`begin ${n}`);
    await soon();
    if (n === 1) throw new Error('row 1 is damaged');
    await soon();
    events.push(`end ${n}`);
  });
  await expect(run).rejects.toThrow('row 1 is damaged');
  expect(events.slice(0, 3)).toEqual(['begin 0', 'begin 1', 'begin 2']);
  const begun = events.filter((event) => event.startsWith('begin')).length;
  expect(begun).toBeLessThan(6);
  expect(events.filter((event) => event.startsWith('end'))).toHaveLength(begun - 1);
});
