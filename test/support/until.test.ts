import { expect, test } from '@jest/globals';
import { until } from './until.ts';

test('gives what the check finds, once it finds something', async () => {
  let tries = 0;
  const found = await until('three tries are made', () => {
    tries += 1;
    return tries === 3 && 'third';
  });
  expect([found, tries]).toEqual(['third', 3]);
});

test('zero and the empty text are found', async () => {
  expect(await until('zero', () => 0)).toBe(0);
  expect(await until('nothing', () => '')).toBe('');
});

test('says what it waited for, and why the last check failed', async () => {
  const waited = until('the sun rises', () => Promise.reject(new Error('still dark')), { timeoutMs: 50 });
  await expect(waited).rejects.toThrow('waited 50 ms in vain until the sun rises');
  await expect(waited).rejects.toMatchObject({ cause: { message: 'still dark' } });
});
