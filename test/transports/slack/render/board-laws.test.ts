import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { viewProblems } from '../../../../localstack/slack/api/block-kit.ts';
import type { Board } from '../../../../src/night/board.ts';
import {
  renderBoard,
  renderBoardAnswer,
  type BoardOptions,
} from '../../../../src/transports/slack/render/board.ts';
import { renderHome } from '../../../../src/transports/slack/render/home.ts';
import {
  expectHarmless,
  footers,
  hostileBoard,
  hostileText,
  mrkdwnIn,
  tableRows,
  texts,
  zone,
} from './samples.ts';

const options: fc.Arbitrary<BoardOptions> = fc.record({
  name: fc.oneof(fc.constant('eod'), hostileText),
  context: fc.array(hostileText, { maxLength: 12 }),
  table: fc.constantFrom('table', 'data_table'),
  zone: fc.constantFrom(zone, 'America/New_York', 'America/Argentina/ComodRivadavia'),
});

/** What the state `late` is called. */
const isLate = new Set(['late', 'overdue', 'missed']);

const sizes = [
  { schedulers: 0, numRuns: 20 },
  { schedulers: 1, numRuns: 100 },
  { schedulers: 40, numRuns: 20 },
  { schedulers: 99, numRuns: 6 },
  { schedulers: 100, numRuns: 6 },
  { schedulers: 101, numRuns: 6 },
  { schedulers: 350, numRuns: 3 },
  { schedulers: 2_000, numRuns: 1 },
];

describe.each(sizes)('a board of $schedulers schedulers with hostile names', ({ schedulers, numRuns }) => {
  const law = (holds: (board: Board, options: BoardOptions) => void): void => {
    fc.assert(fc.property(hostileBoard(schedulers), options, holds), { numRuns });
  };

  test('is messages that Slack takes, in both forms, without anything that it would parse', () => {
    law((board, options) => {
      const { main, parts } = renderBoard(board, options);
      for (const content of [main, ...parts, renderBoardAnswer(board, options)]) {
        expectHarmless(content);
      }
    });
  });

  test('has every scheduler on one row, in order, in both forms, and the right counts', () => {
    law((board, options) => {
      const { main, parts } = renderBoard(board, options);
      const all = [main, ...parts];
      const places = Array.from({ length: schedulers }, (_, place) => String(place));
      const rows = all.flatMap(({ blocks }) => tableRows(blocks));
      expect(rows.map(([, job]) => job?.split(':')[0])).toEqual(places);
      const words = rows.map(([status = '']) => status.split(' ')[1] ?? '');
      expect(words.map((word) => (isLate.has(word) ? 'late' : word))).toEqual(
        board.cells.map(({ state }) => state),
      );
      const lines = all.flatMap(({ plainBlocks = [] }) => linesIn(texts(plainBlocks)));
      expect(lines.map((line) => / \/ (\d+):/.exec(line)?.[1])).toEqual(places);
      const { failed, late, stale, running, pending, completed } = board.counts;
      const isExpected = board.notDue > 0 || board.cells.some(({ state, due }) => state === 'late' || due);
      expect(texts(main.blocks)[1]).toBe(
        `❌ ${failed} failed · ${isExpected ? `⏰ ${late} late · ` : ''}⚠ ${stale} stale · ` +
          `🟡 ${running} running · ⬜ ${pending} pending · ✅ ${completed} completed`,
      );
      expect(main.text).toContain(
        `: ${failed} failed, ${isExpected ? `${late} late, ` : ''}${stale} stale, ` +
          `${running} running, ${pending} pending, ${completed} completed`,
      );
      const line = footers(main.blocks).find((one) => one.includes('not due tonight'));
      expect(line === undefined ? 0 : Number(line.split(' ')[0])).toBe(board.notDue);
    });
  });

  test('fills each message before it begins the next', () => {
    law((board, options) => {
      const { main, parts } = renderBoard(board, options);
      const sizes = parts.map(({ blocks }) => Buffer.byteLength(JSON.stringify(blocks)));
      expect(sizes.slice(0, -1).filter((bytes) => bytes < 10_000)).toEqual([]);
      // The first ends where nothing needs a person any more, if not before.
      const urgent = board.counts.failed + board.counts.late + board.counts.stale;
      const shown = tableRows(main.blocks).length;
      expect(shown === schedulers || shown <= urgent).toBe(true);
    });
  });

  test('is an App Home view that Slack takes, and that loses none silently', () => {
    law((board, options) => {
      const home = renderHome(board, options);
      expect(viewProblems(home)).toEqual([]);
      expect(mrkdwnIn(home.blocks)).toEqual([]);
      expect(JSON.stringify(home).length).toBeLessThan(250_000);
      const lines = linesIn(texts(home.blocks));
      const more = Number(/^and (\d+) more$/m.exec(texts(home.blocks).join('\n'))?.[1] ?? 0);
      expect(lines.length + more).toBe(schedulers);
    });
  });
});

test('a board of ordinary names has forty schedulers in one message', () => {
  const board = fc.sample(hostileBoard(40), 1)[0];
  const cells = board?.cells.map((cell, place) => ({
    ...cell,
    service_name: 'settlement',
    job_name: `reconcile-${place}`,
    state: 'completed' as const,
    error: null,
    heartbeat: null,
    registered: true,
    acknowledgedBy: null,
    snoozed: null,
    due: null,
  }));
  if (board === undefined || cells === undefined) throw new Error('no sample');
  const { parts } = renderBoard({ ...board, cells }, { name: 'eod', context: [], table: 'table', zone });
  expect(parts).toEqual([]);
});

/** The lines of schedulers among the texts of a message. */
function linesIn(all: readonly string[]): string[] {
  return all
    .flatMap((text) => text.split('\n'))
    .filter((line) =>
      /^(❌ failed|⏰ (?:late|overdue|missed)|⚠ stale|🟡 running|⬜ pending|✅ completed) · .* \/ \d+:/.test(
        line,
      ),
    );
}
