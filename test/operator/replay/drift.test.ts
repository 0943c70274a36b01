import { expect, test } from '@jest/globals';
import { driftText } from '../../../src/operator/replay/drift.ts';

const at = { scheduler_id: 'payroll', projection: 'current-state', row: null, decidedBy: null };

test('of a field only those of its members are shown that differ', () => {
  const status = { at: '17:01', id: 'a', error: { line: 1, text: 'disk full' }, rows: [1, 2] };
  const rebuilt = { ...status, error: { line: 1, text: 'no route' }, rows: [1, 3], job: 'close' };
  expect(driftText({ ...at, field: 'status', live: status, rebuilt, decidedBy: '17:01#a' })).toBe(
    [
      'payroll  current-state  status',
      '  live     {"error":{"text":"disk full"},"rows":[1,2]}',
      '  rebuilt  {"error":{"text":"no route"},"rows":[1,3],"job":"close"}',
      '  by event 17:01#a',
      '',
    ].join('\n'),
  );
});

test.each([
  ['has none', undefined, { a: 1 }, 'no row', 'a row'],
  ['has one too many', { a: 1 }, undefined, 'a row', 'no row'],
  ['has one that was damaged', 'cannot be read', { a: 1 }, 'cannot be read', 'a row'],
])('a scheduler that %s is shown without the row', (_what, live, rebuilt, first, second) => {
  expect(driftText({ ...at, field: 'row', live, rebuilt })).toBe(
    `payroll  current-state\n  live     ${first}\n  rebuilt  ${second}\n`,
  );
});

test('a field that one of them lacks is shown as the other has it', () => {
  expect(driftText({ ...at, field: 'snooze', live: undefined, rebuilt: { until: '20:00' } })).toContain(
    '  live     (none)\n  rebuilt  {"until":"20:00"}\n',
  );
});
