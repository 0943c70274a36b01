import fc from 'fast-check';
import { fleetNight, type FleetEvent, type FleetReport } from '../../src/simulate/fleet.ts';

/** 24 November 2026, 00:00 in Jakarta. */
export const start = Date.parse('2026-11-23T17:00:00.000Z');
export const minute = 60_000;

export type StatusReport = Extract<FleetReport, { type: 'status' }>;
export type Said = { readonly minutes: number; readonly report: FleetReport };

/** What each scheduler says, with minutes from the night's start, in the order of the plan. */
export function byScheduler(events: readonly FleetEvent[]): Map<string, Said[]> {
  const all = new Map<string, Said[]>();
  for (const { at, report } of events) {
    const said = all.get(report.scheduler_id) ?? [];
    said.push({ minutes: (at - start) / minute, report });
    all.set(report.scheduler_id, said);
  }
  return all;
}

export function wordOf({ report }: Said): string {
  return report.type === 'status' ? report.status : report.type;
}

/** The statuses of one scheduler, in order. */
export function statusesOf(said: readonly Said[]): string[] {
  return said.filter(({ report }) => report.type === 'status').map(wordOf);
}

export const seeds = fc.integer({ min: 0, max: 4_294_967_295 });
export const sizes = fc.integer({ min: 1, max: 150 });

/** Holds for every seed's night of 40. */
export function everyNight(check: (fleet: Map<string, Said[]>) => void): void {
  fc.assert(
    fc.property(seeds, (seed) => {
      check(byScheduler(fleetNight({ seed, start })));
    }),
    { numRuns: 50 },
  );
}

const timeoutOf = (said: readonly Said[]): number => {
  const first = said[0]?.report;
  return (first?.type === 'register' ? first.heartbeat_timeout_minutes : undefined) ?? 10;
};

/** The silences of a scheduler while its job runs, in minutes; one that never ends lasts until minute 360. */
export function staleJobsOf(said: readonly Said[]): { from: number; until: number; heardAgain: boolean }[] {
  return said.flatMap((one, n) => {
    const word = wordOf(one);
    if (word !== 'running' && word !== 'heartbeat') return [];
    const next = said[n + 1];
    const until = next?.minutes ?? 360;
    const silent = until - one.minutes > timeoutOf(said);
    return silent ? [{ from: one.minutes, until, heardAgain: next !== undefined }] : [];
  });
}
