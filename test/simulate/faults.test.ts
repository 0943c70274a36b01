import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fleetNight } from '../../src/simulate/fleet.ts';
import {
  byScheduler,
  everyNight,
  seeds,
  staleJobsOf,
  sizes,
  start,
  statusesOf,
  wordOf,
  type Said,
} from './night.ts';

const failuresOf = (fleet: Map<string, Said[]>): { id: string; minutes: number }[] =>
  [...fleet].flatMap(([id, said]) =>
    said.filter((one) => wordOf(one) === 'failed').map(({ minutes }) => ({ id, minutes })),
  );

describe('whatever the seed, a night of 40', () => {
  test('has exactly one job that never starts', () => {
    everyNight((fleet) => {
      const idle = [...fleet.values()].filter((said) => !said.some((one) => wordOf(one) === 'running'));
      expect(idle.map(statusesOf)).toEqual([['pending']]);
    });
  });

  test('has two that become stale for over an hour: one sends heartbeats again and completes, one is lost', () => {
    everyNight((fleet) => {
      const silences = [...fleet.values()].flatMap((said) =>
        staleJobsOf(said).map((silence) => ({ ...silence, last: statusesOf(said).at(-1) })),
      );
      expect(silences.map(({ heardAgain, last }) => ({ heardAgain, last }))).toEqual(
        expect.arrayContaining([
          { heardAgain: true, last: 'completed' },
          { heardAgain: false, last: 'running' },
        ]),
      );
      expect(silences).toHaveLength(2);
      for (const { from, until } of silences) expect(until - from).toBeGreaterThan(75);
    });
  });

  test('has one storm: twelve jobs that fail within six minutes, of which eight recover', () => {
    everyNight((fleet) => {
      const storm = failuresOf(fleet).filter(({ minutes }) => minutes > 150 && minutes < 205);
      const times = storm.map(({ minutes }) => minutes);
      expect(new Set(storm.map(({ id }) => id)).size).toBe(12);
      expect(storm).toHaveLength(12);
      expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(6);
      const ends = storm.map(({ id }) => statusesOf(fleet.get(id) ?? []).at(-1));
      expect(ends.filter((end) => end === 'completed')).toHaveLength(8);
      expect(ends.filter((end) => end === 'failed')).toHaveLength(4);
    });
  });

  test('has five more that fail, one of them twice, and all but one recover', () => {
    everyNight((fleet) => {
      const single = failuresOf(fleet).filter(({ minutes }) => minutes <= 150 || minutes >= 205);
      const ids = new Set(single.map(({ id }) => id));
      expect(single).toHaveLength(6);
      expect(ids.size).toBe(5);
      const ends = [...ids].map((id) => statusesOf(fleet.get(id) ?? []).at(-1));
      expect(ends.filter((end) => end === 'completed')).toHaveLength(4);
      expect(ends.filter((end) => end === 'failed')).toHaveLength(1);
    });
  });

  test('ends with 33 completed, 5 failed, 1 running and 1 pending', () => {
    everyNight((fleet) => {
      const counts = { completed: 0, failed: 0, running: 0, pending: 0 };
      for (const said of fleet.values()) {
        const last = statusesOf(said).at(-1);
        if (last === 'completed' || last === 'failed' || last === 'running' || last === 'pending')
          counts[last] += 1;
      }
      expect(counts).toEqual({ completed: 33, failed: 5, running: 1, pending: 1 });
    });
  });
});

test('a fleet of another size meets at most those faults, and at most half of it any', () => {
  fc.assert(
    fc.property(seeds, sizes, (seed, schedulers) => {
      const fleet = byScheduler(fleetNight({ seed, schedulers, start }));
      const faulty = [...fleet.values()].filter(
        (said) =>
          !/^(pending )?running completed$/.test(statusesOf(said).join(' ')) || staleJobsOf(said).length > 0,
      );
      expect(faulty).toHaveLength(Math.min(20, Math.floor(schedulers / 2)));
    }),
  );
});
