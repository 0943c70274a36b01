import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RondaEvent } from '../../src/events/event.ts';
import { stream } from '../support/arbitraries.ts';
import { entriesOf, summary } from './fleet.ts';

describe('any night', () => {
  const fleet = fc
    .array(stream, { maxLength: 6 })
    .map((streams) =>
      Object.fromEntries(
        streams.map((events, index) => [`job-${index}`, events.map(({ event }) => event)] as const),
      ),
    );

  test('is summed up the same whatever the order of rows and entries', () => {
    fc.assert(
      fc.property(fleet, (fleet) => {
        const shuffled = Object.fromEntries(
          Object.entries(fleet)
            .map(([id, events]) => [id, events.toReversed()] as const)
            .toReversed(),
        );
        expect(summary(shuffled)).toEqual(summary(fleet));
      }),
    );
  });

  test('lists every failure once and leaves nobody out', () => {
    fc.assert(
      fc.property(fleet, (fleet) => {
        const members = Object.entries(fleet).filter(([, events]) => !events.some(isRemoval));
        const summed = summary(Object.fromEntries(members));
        const failures = members.flatMap(([id, events]) =>
          entriesOf(id, events).filter(({ status }) => status === 'failed'),
        );
        expect(summed.failures).toHaveLength(failures.length);
        const standing = new Set([
          ...[...summed.neverStarted, ...summed.stillRunning].map(({ scheduler_id }) => scheduler_id),
          ...members
            .filter(([, events]) => events.some((event) => event.type === 'status_reported'))
            .map(([id]) => id),
        ]);
        const silent = members.filter(([, events]) => !events.some((event) => 'service_name' in event));
        expect(summed.schedulers).toBe(members.length - silent.length);
        expect(standing.size).toBe(summed.schedulers);
      }),
    );
  });
});

function isRemoval(event: RondaEvent): boolean {
  return event.type === 'scheduler_removed';
}
