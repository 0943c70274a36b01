import type { CurrentState } from '../../../../projections/current-state.ts';
import { utc } from '../../../events/time.ts';
import { boardOf } from '../../../night/board.ts';
import { nightKey, type BoardSpec } from '../../../night/boards.ts';
import type { Night } from '../../../night/night.ts';
import { boardKey, isWhole, noContent, type Reading } from '../../../night/plan.ts';
import { readMessage, type MessageKey, type MessageRow } from '../../../store/messages/messages.ts';
import type { Content } from '../content.ts';
import type { SlackContext } from '../context.ts';
import { boardHash, renderBoard } from '../render/board.ts';
import { renderEmptyPart } from '../render/empty-part.ts';
import { boardWarnings } from './board-warnings.ts';
import { staleJobsNow } from './stale-warnings.ts';

/** What a board is drawn from. */
export type BoardInputs = {
  readonly night: Night;
  readonly slot: number;
  readonly rows: readonly CurrentState[];
  readonly reading: Reading;
  /** The messages of the night as the plan found them. */
  readonly messages: readonly MessageRow[];
};

export type BoardShow = {
  /**
   * Posts or edits the board of a night so that it shows what is known now: the main message, then each part in
   * its thread. Said again for the same `slot` nothing is sent unless a reader would see a difference, nor when
   * somebody else has said something since the plan was made.
   * @throws as `Messenger.say`; `goOn` then says what is left
   */
  readonly show: (inputs: BoardInputs, signal: AbortSignal) => Promise<void>;
  /**
   * Posts the rest of a board that this process began: Slack made it wait in the middle. The same content, so
   * that it comes to an end however much changes meanwhile.
   */
  readonly goOn: (signal: AbortSignal) => Promise<void>;
};

type Part = { readonly key: MessageKey; readonly content: Content; readonly contentHash: string };
type Begun = {
  readonly key: MessageKey;
  readonly threadTs: string;
  readonly contentHash: string;
  readonly saidAt: string;
  readonly left: Part[];
};

export function createBoardShow(context: SlackContext, board: BoardSpec): BoardShow {
  const { messenger, store } = context;
  const { channel } = board;
  let begun: Begun | undefined;

  const publishParts = async (signal: AbortSignal): Promise<void> => {
    for (let part = begun?.left[0]; begun !== undefined && part !== undefined; part = begun.left[0]) {
      if (signal.aborted) return;
      const { saidAt, threadTs } = begun;
      await messenger.publish(part.key, 'part', part.content, {
        channel,
        threadTs,
        saidAt,
        whenDeleted: part.contentHash === noContent ? 'drop' : 'repost',
        contentHash: `${part.contentHash} ${part.key.message_key}`,
        details: { picture: part.contentHash },
      });
      begun.left.shift();
    }
    begun = undefined;
  };

  return {
    show: async (inputs, signal) => {
      const { night, slot, messages, reading } = inputs;
      const drawn = await draw(context, board, inputs);
      const { whole, contentHash, main, parts } = drawn;
      const key = { night: nightKey(board, night.date), message_key: boardKey(board, night) };
      const before = messages.find(({ message_key }) => message_key === key.message_key);
      const saidAt = utc(reading.now);
      const { state, ts } = await messenger.publish(key, 'board', main, {
        channel,
        saidAt,
        whenDeleted: 'repost',
        contentHash,
        details: { whole, slot, picture: contentHash, parts: parts.length },
        onlyIf: (row) => showsTheSame(row, before),
      });
      if (state === 'busy' || state === 'void' || ts === undefined) return;
      begun = { key, threadTs: ts, contentHash, saidAt, left: [...parts, ...drawn.surplus] };
      await publishParts(signal);
    },
    goOn: async (signal) => {
      if (begun === undefined) return;
      const row = await readMessage(store, begun.key);
      // Somebody has drawn another one since.
      if (row?.ts !== begun.threadTs || row.details?.['picture'] !== begun.contentHash) begun = undefined;
      else await publishParts(signal);
    },
  };
}

/** Whether a board's row says what the plan was made from: of two replicas with one plan one carries it out. */
function showsTheSame(row: MessageRow, before: MessageRow | undefined): boolean {
  // A row that has not been posted says nothing yet; what it is meant to say is no matter.
  if (row.ts === undefined) return before?.ts === undefined;
  return row.said_at === before?.said_at && row.details?.['picture'] === before?.details?.['picture'];
}

async function draw(
  context: SlackContext,
  board: BoardSpec,
  { night, slot, rows, reading, messages }: BoardInputs,
) {
  const { name, zone, services } = board;
  // The last board of a night shows its end, however late it is drawn.
  const at = Math.min(reading.now, night.end);
  const staleIds = staleJobsNow(context, night, rows);
  const seen = boardOf({ rows, night, at, staleIds, services });
  const whole = isWhole(reading, night);
  const warnings = await boardWarnings(context, board, night, at, reading);
  const { main, parts } = renderBoard(seen, { name, context: warnings, table: context.tableKind, zone });
  const contentHash = `${boardHash(seen)} ${slot} ${whole}`;
  const keyOf = (part: number) => ({
    night: nightKey(board, night.date),
    message_key: boardKey(board, night, part),
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
    whole,
    contentHash,
    main,
    parts: parts.map((content, index): Part => ({ key: keyOf(index + 2), content, contentHash })),
    surplus,
  };
}
