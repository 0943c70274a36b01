import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fleetNight, leadOf, nightMs } from '../../src/simulate/fleet.ts';
import { bodyOf } from '../../src/simulate/routes.ts';
import { readMessage } from '../../src/queue/message.ts';
import { allVouched } from '../support/events.ts';
import {
  byScheduler,
  everyNight,
  minute,
  seeds,
  staleJobsOf,
  sizes,
  start,
  statusesOf,
  wordOf,
} from './night.ts';

describe('a night of the fleet', () => {
  test('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, schedulers) => {
        expect(fleetNight({ seed, schedulers, start })).toEqual(fleetNight({ seed, schedulers, start }));
      }),
      { numRuns: 20 },
    );
    expect(fleetNight({ seed: 1, start })).not.toEqual(fleetNight({ seed: 2, start }));
  });

  test('has as many schedulers as were asked for, each registered once, before it says anything else', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, schedulers) => {
        const fleet = byScheduler(fleetNight({ seed, schedulers, start }));
        expect(fleet.size).toBe(schedulers);
        for (const said of fleet.values()) {
          expect(said.map(wordOf).lastIndexOf('register')).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('is in time order, registers in the five minutes before the start, and lies in the window for the rest', () => {
    fc.assert(
      fc.property(seeds, sizes, (seed, schedulers) => {
        const events = fleetNight({ seed, schedulers, start });
        expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b));
        const outside = events.filter(({ at, report }) => {
          const [from, until] = report.type === 'register' ? [-5, 0] : [0, 360];
          return at < start + from * minute || at >= start + until * minute;
        });
        expect(outside).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('says only what Ronda accepts', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const event of fleetNight({ seed, start })) {
          const sentAt = new Date(event.at).toISOString();
          const read = readMessage({ body: bodyOf(event), messageId: 'm-1', sentAt, vouched: allVouched });
          expect(read).toMatchObject({ ok: true, value: { event: { occurred_at: sentAt } } });
        }
      }),
      { numRuns: 10 },
    );
  });

  test('can be shorter: then everything in it is', () => {
    const long = fleetNight({ seed: 7, start });
    const short = fleetNight({ seed: 7, start, window: nightMs / 10 });
    expect(short).toHaveLength(long.length);
    short.forEach((event, n) => {
      const same = long[n];
      expect((event.at - start) * 10).toBeGreaterThan((same?.at ?? 0) - start - 10);
      expect((event.at - start) * 10).toBeLessThan((same?.at ?? 0) - start + 10);
    });
    expect(leadOf(nightMs)).toBe(300_000);
    expect(leadOf(nightMs / 10)).toBe(30_000);
  });

  test('keeps the reports of a scheduler apart even when it is played 5,000 times as fast', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const said of byScheduler(fleetNight({ seed, start, window: nightMs / 5_000 })).values()) {
          const times = said.map(({ minutes }) => minutes);
          expect(new Set(times).size).toBe(times.length);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a scheduler of the fleet', () => {
  test('reports its statuses in order: waiting at most first, each run begun before it ends', () => {
    everyNight((fleet) => {
      for (const said of fleet.values()) {
        expect(statusesOf(said).join(' ')).toMatch(
          /^(pending)?( ?running failed)*( ?running( completed)?)?$/,
        );
      }
    });
  });

  test('says how long each run took, from its begin to its end', () => {
    everyNight((fleet) => {
      for (const said of fleet.values()) {
        let began = NaN;
        for (const { minutes, report } of said) {
          if (report.type !== 'status') continue;
          if (report.status === 'running') began = minutes;
          const took = report.execution_time_ms ?? NaN;
          if (report.status === 'completed' || report.status === 'failed')
            expect(took / minute).toBeCloseTo(minutes - began, 6);
          else expect(took).toBeNaN();
        }
      }
    });
  });

  test('is heard only while it runs', () => {
    everyNight((fleet) => {
      for (const said of fleet.values()) {
        const words = said.map(wordOf);
        expect(words.join(' ')).not.toMatch(/(register|pending|completed|failed) heartbeat/);
      }
    });
  });

  test('begins between 00:00 and 04:30 and runs for 2 to 70 minutes, unless something goes wrong', () => {
    everyNight((fleet) => {
      for (const said of fleet.values()) {
        const sound = /^(pending )?running completed$/.test(statusesOf(said).join(' '));
        if (!sound || staleJobsOf(said).length > 0) continue;
        const began = said.find((one) => wordOf(one) === 'running')?.minutes ?? NaN;
        expect(began).toBeLessThanOrEqual(270.5);
        const took = (said.at(-1)?.minutes ?? NaN) - began;
        expect(took).toBeGreaterThanOrEqual(2 - 1e-4);
        expect(took).toBeLessThanOrEqual(70);
      }
    });
  });

  test('has an owner; some also a Slack user, some a time-out of their own, some send over SQS', () => {
    const registrations = fleetNight({ seed: 1, start }).flatMap(({ report, via }) =>
      report.type === 'register' ? [{ ...report, via }] : [],
    );
    const owners = new Set(registrations.map(({ owner_email }) => owner_email));
    expect([...owners].sort()).toEqual(['budi@example.com', 'putri@example.com', 'sari@example.com']);
    const withUser = registrations.filter(({ alert_user_id }) => alert_user_id !== undefined);
    const withTimeout = registrations.filter(
      ({ heartbeat_timeout_minutes }) => heartbeat_timeout_minutes !== undefined,
    );
    const overSqs = registrations.filter(({ via }) => via === 'sqs');
    for (const some of [withUser, withTimeout, overSqs]) {
      expect(some.length).toBeGreaterThan(0);
      expect(some.length).toBeLessThan(registrations.length / 2 + 1);
    }
  });

  test('uses one way to send for everything it says', () => {
    everyNightEvents((events) => {
      const ways = new Set(events.map(({ via, report }) => `${report.scheduler_id} ${via}`));
      expect(ways.size).toBe(40);
    });
  });
});

function everyNightEvents(check: (events: ReturnType<typeof fleetNight>) => void): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      check(fleetNight({ seed, start }));
    }),
    { numRuns: 50 },
  );
}
