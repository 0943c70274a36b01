import { expect, test } from '@jest/globals';
import { createSlots } from '../../src/simulate/slots.ts';

/** Tasks that end when they are told to. */
function tasks(count: number) {
  const begun: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const all = Array.from({ length: count }, (_, n) => {
    return () =>
      new Promise<number>((resolve, reject) => {
        begun.push(n);
        ends[n] = (error) => {
          if (error === undefined) resolve(n);
          else reject(error);
        };
      });
  });
  return { all, begun, end: (n: number, error?: Error) => ends[n]?.(error) };
}

test('tasks beyond the slots wait, and come up in their order as others end, even by an error', async () => {
  const slots = createSlots(2);
  const { all, begun, end } = tasks(4);
  const results = all.map((task) => slots(task));
  expect(begun).toEqual([0, 1]);
  end(1, new Error('broken'));
  await expect(results[1]).rejects.toThrow('broken');
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
  end(0);
  expect(await results[0]).toBe(0);
  end(2);
  expect(await results[2]).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3]);
  end(3);
  expect(await results[3]).toBe(3);
});
