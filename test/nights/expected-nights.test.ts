import { expect, test } from '@jest/globals';
import { playNight } from './play-night.ts';

/** `npm run nights` plays a thousand. Any of them is played again alone by its seed: RONDA_NIGHT=587. */
const nights = Number(process.env['RONDA_NIGHTS'] ?? 50);
const only = process.env['RONDA_NIGHT'];

test('nights of which the truth is known: no false alarm, none missed, and each verdict true', () => {
  const seeds = only === undefined ? Array.from({ length: nights }, (_, n) => n + 1) : [Number(only)];
  const total = { nights: seeds.length, slots: 0, alerts: 0 };
  const wrong: string[] = [];
  const waits: number[] = [];
  for (const seed of seeds) {
    const { slots, alerts, falseAlarms, missedAlarms, wrongVerdicts, waits: own } = playNight(seed);
    total.slots += slots;
    total.alerts += alerts;
    waits.push(...own);
    const named = {
      'false alarm': falseAlarms,
      'missed alarm': missedAlarms,
      'wrong verdict': wrongVerdicts,
    };
    for (const [what, all] of Object.entries(named))
      wrong.push(...all.map((one) => `RONDA_NIGHT=${seed}: ${what}: ${one}`));
  }
  if (process.env['RONDA_NIGHTS'] !== undefined)
    process.stdout.write(`${reportOf(total, wrong.length, waits)}\n`);
  expect(wrong).toEqual([]);
  expect(total.alerts).toBeGreaterThan(total.slots / 4);
}, 600_000);

function reportOf(total: object, wrong: number, waits: readonly number[]): string {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0) / 1_000;
  return JSON.stringify({
    ...total,
    wrong,
    seconds_from_due_to_alert: { median: at(0.5), p95: at(0.95), most: at(1) },
  });
}
