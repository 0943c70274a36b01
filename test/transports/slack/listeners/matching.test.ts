import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchJobs } from '../../../../src/transports/slack/listeners/matching.ts';

const job = (scheduler_id: string, service_name: string, job_name: string) => ({
  scheduler_id,
  service_name,
  job_name,
});
const fleet = [
  job('a1', 'billing', 'close-day'),
  job('a2', 'billing', 'close-day-late'),
  job('a3', 'ledger', 'close-day'),
  job('a4', 'Stock', 'Täglich Sync'),
  job('billing', 'shop', 'odd-one'),
];
const ids = (text: string): string[] => matchJobs(text, fleet).map(({ scheduler_id }) => scheduler_id);

describe('what a person calls a job', () => {
  test.each([
    ['an id before everything else', 'billing', ['billing']],
    ['a whole name before the beginning of one', 'close-day', ['a1', 'a3']],
    ['service and job together', 'billing / close-day', ['a1']],
    ['the two without blanks', 'billing/close-day', ['a1']],
    ['the two as one says them', 'ledger close-day', ['a3']],
    ['the beginning of a name before a part within', 'close-day-', ['a2']],
    ['a part of a name', 'sync', ['a4']],
    ['letters of either case', 'STOCK', ['a4']],
    ['letters composed otherwise', 'TA\u0308GLICH SYNC', ['a4']],
    ['an id of either case', 'A2', ['a2']],
    ['blanks around and within', ' täglich   sync ', ['a4']],
    ['nothing that there is', 'payroll', []],
    ['nothing', '  ', []],
  ])('finds it by %s', (_how, text, found) => {
    expect(ids(text)).toEqual(found);
  });

  test('always finds exactly one by an id', () => {
    const fleets = fc.uniqueArray(
      fc.record({
        scheduler_id: fc.string({ minLength: 1 }),
        service_name: fc.string(),
        job_name: fc.string(),
      }),
      {
        selector: ({ scheduler_id }) => scheduler_id,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(fleets, fc.nat(), (schedulers, n) => {
        const wanted = schedulers[n % schedulers.length];
        expect(matchJobs(wanted?.scheduler_id ?? '', schedulers)).toEqual([wanted]);
      }),
    );
  });

  test('finds a job by any part of its name', () => {
    const name = fc.stringMatching(/^[a-z-]{3,12}$/);
    fc.assert(
      fc.property(name, fc.nat(2), (job_name, from) => {
        const one = { scheduler_id: '#', service_name: '#', job_name };
        expect(matchJobs(job_name.slice(from, from + 2), [one])).toEqual([one]);
      }),
    );
  });
});
