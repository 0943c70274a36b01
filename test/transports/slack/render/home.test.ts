import { expect, test } from '@jest/globals';
import { renderHome } from '../../../../src/transports/slack/render/home.ts';
import { boardOfCells, cell, footers, texts, wib, zone } from './samples.ts';

const options = { name: 'eod', context: ['data as of 01:54'], table: 'table', zone } as const;

test('the App Home shows the board as lines', () => {
  const board = boardOfCells([
    cell({ state: 'failed', since: wib('01:10'), duration: 240_000, error: 'disk full' }),
    cell({ service_name: 'ledger' }),
  ]);
  const home = renderHome(board, options);
  expect(home.type).toBe('home');
  expect(texts(home.blocks)).toEqual([
    'Night watch · Monday 23 November 2026 (Asia/Jakarta)',
    '❌ 1 failed · ⚠ 0 stale · 🟡 0 running · ⬜ 1 pending · ✅ 0 completed',
    '❌ failed · billing / close-day · ended 01:10 (took 4 min) · disk full\n⬜ pending · ledger / close-day',
  ]);
  expect(footers(home.blocks)).toEqual([
    'The board as it was when you opened this tab: open it again for a newer one. In a channel, /eod shows it, too.',
    'updated 02:00 WIB',
    'data as of 01:54',
  ]);
  expect(home.blocks.map(({ block_id }) => block_id)).toEqual([
    'home-1795374000000-0',
    'home-1795374000000-1',
    'home-1795374000000-2',
    'home-1795374000000-3',
    'home-1795374000000-4',
  ]);
});

test('the App Home without schedulers says how to send the first event', () => {
  expect(texts(renderHome(boardOfCells([]), options).blocks)[2]).toMatch(/^No schedulers yet\. /);
});
