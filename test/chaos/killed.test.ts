import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { createLimit, sampleOf } from './sample.ts';
import { play, scenarios, type Kind } from './scenario.ts';

const { chosen, seed } = sampleOf(scenarios, 4, process.env);
const limit = createLimit(2);
const { real } = createClock();

const night = 'eod/2026-11-24';
const board = `${night}/board/eod/2026-11-24/1`;
const alert = `${night}/alert/close-day/2026-11-23T18:58:00.000Z#6f0a1c2e-58d1-4c7b-9a34-2b1d0e9f8a77`;
const summary = `${night}/summary/eod/2026-11-24`;
const wanted = {
  board: { posted: [board], text: 'Night of 24 November 2026' },
  alert: { posted: [alert, board], text: 'billing / Close the day failed 01:58 WIB: disk full' },
  summary: {
    posted: [summary],
    text: 'Night of 24 November 2026 is over. ⚠ Not all clear: 1 of 3 jobs completed: 1 never started, 1 still running.',
  },
} as const satisfies Record<Kind, { posted: readonly string[]; text: string }>;

describe(`killed while it posts (chosen by RONDA_CHAOS_SEED=${seed})`, () => {
  test.concurrent.each(chosen)(
    '$point, of $replicas: there is one $kind, and its row names it',
    async ({ point, kind, replicas }) => {
      const began = real();
      const { posted, text, ts, persisted } = await limit(() => play({ point, kind, replicas }));
      expect(posted).toEqual(wanted[kind].posted);
      expect(text).toContain(wanted[kind].text);
      expect(persisted).toBe(ts);
      if (process.env['RONDA_CHAOS'] === 'all') {
        const seconds = ((real() - began) / 1_000).toFixed(1);
        process.stdout.write(`once: ${kind}, ${replicas} replicas, killed ${point} (${seconds} s)\n`);
      }
    },
    300_000,
  );
});
