import type { Board } from '../../../night/board.ts';
import type { Content } from '../content.ts';
import { section, withIds } from './blocks.ts';
import { nightText } from './board-text.ts';

/**
 * What a part of a board says while the board has become too small for it. It stays, since a part that comes back
 * would otherwise be a new reply, which notifies everybody who follows the thread.
 */
export function renderEmptyPart({ night, at }: Pick<Board, 'night' | 'at'>, name: string): Content {
  const text = 'No rows here at present: all are above.';
  return {
    text: `${nightText(night.date, name)}: ${text}`,
    blocks: withIds([section(text)], 'board', at),
  };
}
