import type { CurrentState } from '../../../projections/current-state.ts';
import { utc } from '../../events/time.ts';
import { boardOf } from '../../night/board.ts';
import { nightKey, type BoardSpec } from '../../night/boards.ts';
import type { Gap } from '../../night/hearing.ts';
import type { Night } from '../../night/night.ts';
import { boardKey, isWhole, type Reading } from '../../night/plan.ts';
import type { SlackContext } from '../context.ts';
import { boardFingerprint, renderBoard } from '../render/board.ts';
import { timeOf } from '../render/format.ts';
import { silencesNow } from './silences.ts';

/**
 * Posts or edits the board of a night so that it shows what is known now: the main message, then each part in
 * its thread. Said again for the same `slot` nothing is sent unless a reader would see a difference.
 */
export async function showBoard(
  context: SlackContext,
  board: BoardSpec,
  night: Night,
  slot: number,
  rows: readonly CurrentState[],
  reading: Reading,
): Promise<void> {
  const { messenger, tableKind } = context;
  const { name, channel, zone, services } = board;
  // The last picture of a night shows its end, however late it is drawn.
  const at = Math.min(reading.now, night.end);
  const staleIds = silencesNow(context, board, rows);
  const picture = boardOf({ rows, night, at, staleIds, services });
  const whole = isWhole(reading);
  const lines = [...(await lagLine(context, board, reading, whole)), ...gapLines(context, night)];
  const { main, parts } = renderBoard(picture, { name, context: lines, table: tableKind, zone });
  const print = `${boardFingerprint(picture)} ${slot} ${whole}`;
  const nightName = nightKey(board, night.date);
  const options = { channel, saidAt: utc(reading.now), whenDeleted: 'repost', fingerprint: print } as const;

  const key = { night: nightName, message_key: boardKey(board, night) };
  const { state, ts } = await messenger.say(key, 'board', main, { ...options, details: { whole, slot } });
  if (state === 'busy' || ts === undefined) return;
  for (const [index, part] of parts.entries()) {
    const partKey = { night: nightName, message_key: boardKey(board, night, index + 2) };
    await messenger.say(partKey, 'part', part, {
      ...options,
      fingerprint: `${print} ${index}`,
      threadTs: ts,
    });
  }
}

async function lagLine(
  { queued }: SlackContext,
  { zone }: BoardSpec,
  { watermark }: Reading,
  whole: boolean,
): Promise<string[]> {
  if (whole) return [];
  if (watermark === null) return ['nothing is being read at the moment: this may be out of date'];
  return [`data as of ${timeOf(watermark, zone)}, ${await queued()} events queued`];
}

function gapLines({ ears }: SlackContext, { start, end, zone }: Night): string[] {
  const shown = ({ from, to }: Gap): string => `monitor was down ${timeOf(from, zone)}-${timeOf(to, zone)}`;
  return ears
    .heard()
    .gaps.filter(({ from, to }) => to > start && from < end)
    .map(shown);
}
