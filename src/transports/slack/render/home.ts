import type { Board } from '../../../night/board.ts';
import type { Block } from '../content.ts';
import type { BoardOptions } from './board.ts';
import { boardTitle, countsText, footnotes, noRowsText, notDueText } from './board-text.ts';
import { context, header, section, withIds } from './blocks.ts';
import { fitting, sectionsOf } from './lists.ts';
import { lineOf, rowOf } from './rows.ts';

export type HomeView = { readonly type: 'home'; readonly blocks: Block[] };

/** Nothing else on the tab says what it is, and that it stands still. */
const homeLabel =
  'The board as it was when you opened this tab: open it again for a newer one. In a channel, /eod shows it, too.';

/** A view takes 100 blocks and, as the error `view_too_large` has it, 250 kB. */
const maxLineBytes = 200_000;

/**
 * The board as the App Home shows it: lines, for a home tab takes no tables
 * (https://docs.slack.dev/reference/block-kit/blocks/table-block). Some thousand schedulers fit; what does not is
 * what needs a person least, and is counted.
 */
export function renderHome(board: Board, { name, zone, context: warnings }: BoardOptions): HomeView {
  const lines = fitting(
    board.cells.map((cell) => lineOf(rowOf(cell, board.night.start, zone))),
    maxLineBytes,
    (n) => `and ${n} more`,
  );
  const blocks = [
    header(boardTitle(board, name, zone)),
    section(countsText(board)),
    ...context([homeLabel]),
    ...(lines.length === 0 ? [section(noRowsText(board))] : sectionsOf(lines)),
    ...context([...notDueText(board), ...footnotes(board.at, warnings, zone)]),
  ];
  return { type: 'home', blocks: withIds(blocks, 'home', board.at) };
}
