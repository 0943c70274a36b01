import { expect, test } from '@jest/globals';
import { watermarkProblem } from '../../src/health/system.ts';

const now = Date.parse('2026-11-23T17:30:00.000Z');
const clock = { now: () => now, real: () => now, fromReal: (instant: number) => instant };
const ago = (seconds: number): string => new Date(now - seconds * 1_000).toISOString();
const role = { since: now - 60_000, seen_at: now };

test.each([
  ['idle', { ...role, read_up_to: 'idle' }, null],
  ['355 s behind, which makes 360 with what may be under way', { ...role, read_up_to: ago(355) }, null],
  ['a second further', { ...role, read_up_to: ago(356) }, 'events are read up to 2026-11-23T17:23:59.000Z'],
  ['new, and cannot tell yet', { ...role, since: now - 30_000, read_up_to: null }, null],
  [
    'older than a long poll, and cannot tell',
    { ...role, since: now - 30_001, read_up_to: null },
    'a consumer receives nothing: nobody knows how far events are read',
  ],
])('a consumer that is %s', (_, consumer, problem) => {
  expect(watermarkProblem([consumer], clock)).toBe(problem);
});

test('of several consumers the one that is furthest behind counts', () => {
  const behind = { ...role, read_up_to: ago(400) };
  expect(watermarkProblem([{ ...role, read_up_to: 'idle' }, behind], clock)).toBe(
    'events are read up to 2026-11-23T17:23:15.000Z',
  );
});
