import { utc } from '../../../events/time.ts';
import { nightKey, type BoardSpec } from '../../../night/boards.ts';
import { boardKey, noContent } from '../../../night/plan.ts';
import type { MessageKey, MessageRow } from '../../../store/messages/messages.ts';
import type { BoardInputs, NightDisplay } from '../../../board/night-display.ts';
import type { Content } from '../content.ts';
import type { SlackContext } from '../context.ts';
import { boardHash, renderBoard, renderEmptyPart } from '../render/board.ts';
import { boardWarnings } from './board-warnings.ts';

export type BoardDisplay = Pick<NightDisplay, 'showBoard' | 'continueBoard'>;

type Part = { readonly key: MessageKey; readonly content: Content; readonly contentHash: string };
type Begun = {
  readonly key: MessageKey;
  readonly threadTs: string;
  readonly contentHash: string;
  readonly contentAt: string;
  readonly left: Part[];
};

/**
 * The board of a night as messages: the main one, then each part in its thread.
 * Each throws what `Messenger.publish` does; `continueBoard` then posts what is left, with the same content, so that it
 * comes to an end however much changes meanwhile.
 */
export function createBoardDisplay(context: SlackContext, board: BoardSpec): BoardDisplay {
  const { messenger, table } = context;
  const { channel } = board;
  let begun: Begun | undefined;

  const publishParts = async (signal: AbortSignal): Promise<void> => {
    for (let part = begun?.left[0]; begun !== undefined && part !== undefined; part = begun.left[0]) {
      if (signal.aborted) return;
      const { contentAt, threadTs } = begun;
      await messenger.publish(part.key, 'part', part.content, {
        channel,
        threadTs,
        contentAt,
        whenDeleted: part.contentHash === noContent ? 'drop' : 'repost',
        contentHash: `${part.contentHash} ${part.key.message_key}`,
        details: { picture: part.contentHash },
      });
      begun.left.shift();
    }
    begun = undefined;
  };

  return {
    showBoard: async (inputs, signal) => {
      const { slot, messages, whole, now } = inputs;
      const { night } = inputs.board;
      const drawn = draw(context, board, inputs);
      const { contentHash, main, parts } = drawn;
      const key = { night: nightKey(board, night.date), message_key: boardKey(board, night) };
      const before = messages.find(({ message_key }) => message_key === key.message_key);
      const contentAt = utc(now);
      const { state, ts } = await messenger.publish(key, 'board', main, {
        channel,
        contentAt,
        whenDeleted: 'repost',
        contentHash,
        details: { whole, slot, picture: contentHash, parts: parts.length },
        onlyIf: (row) => showsTheSame(row, before),
      });
      if (state === 'busy' || state === 'void' || ts === undefined) return;
      begun = { key, threadTs: ts, contentHash, contentAt, left: [...parts, ...drawn.surplus] };
      await publishParts(signal);
    },
    continueBoard: async (signal) => {
      if (begun === undefined) return;
      const row = await table.read(begun.key);
      // Somebody has drawn another one since.
      if (row?.ts !== begun.threadTs || row.details?.['picture'] !== begun.contentHash) begun = undefined;
      else await publishParts(signal);
    },
  };
}

/** Whether a board's row has the content that the plan was made from: of two replicas with one plan one carries it out. */
function showsTheSame(row: MessageRow, before: MessageRow | undefined): boolean {
  // A row that has not been posted has no content yet; what it is meant to have is no matter.
  if (row.ts === undefined) return before?.ts === undefined;
  return row.said_at === before?.said_at && row.details?.['picture'] === before?.details?.['picture'];
}

function draw(
  { tableKind }: SlackContext,
  spec: BoardSpec,
  { board: seen, slot, whole, caveats, messages }: BoardInputs,
) {
  const { night } = seen;
  const { name, zone } = spec;
  const warnings = boardWarnings(caveats, zone);
  const { main, parts } = renderBoard(seen, { name, context: warnings, table: tableKind, zone });
  const contentHash = `${boardHash(seen)} ${slot} ${whole}`;
  const keyOf = (part: number) => ({
    night: nightKey(spec, night.date),
    message_key: boardKey(spec, night, part),
  });
  // What a smaller board leaves over would go on showing rows that have moved elsewhere.
  const surplus: Part[] = [];
  for (let n = parts.length + 2; ; n += 1) {
    const key = keyOf(n);
    const row = messages.find(({ message_key }) => message_key === key.message_key);
    if (row === undefined) break;
    if (row.ts === undefined || row.deleted === true) continue;
    surplus.push({ key, content: renderEmptyPart(seen, name), contentHash: noContent });
  }
  return {
    contentHash,
    main,
    parts: parts.map((content, index): Part => ({ key: keyOf(index + 2), content, contentHash })),
    surplus,
  };
}
