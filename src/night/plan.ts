import { nightKey, type BoardSpec } from './boards.ts';
import { nightAt, previousNight, slotsOf, type Night } from './night.ts';

/** What is known of a message that belongs to a night: the part of its row that a plan turns on. */
export type Told = {
  readonly message_key: string;
  readonly kind: string;
  /** Ronda's time, UTC. */
  readonly created_at: string;
  readonly ts?: string | undefined;
  /** The Ronda time, UTC, of what it says. */
  readonly said_at?: string | undefined;
  /** When it was last posted or edited, real ms. */
  readonly said_real?: number | undefined;
  readonly deleted?: true | undefined;
  /** When to look for late posts, real ms. */
  readonly recheck_at?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
};

/** The clock's readings and how far Ronda hears. */
export type Reading = {
  /** Ronda's time and the machine's, ms UTC. */
  readonly now: number;
  readonly real: number;
  /** Up to when everything that happened has been read, Ronda ms; null: nobody knows. */
  readonly watermark: number | null;
  /** How long, in Ronda's ms, a summary waits for the watermark: two real minutes. */
  readonly patience: number;
  /** Since when this watch looks, Ronda ms; absent: for long. Only from then on can it have waited. */
  readonly since?: number | undefined;
  /** How far the watermark may lag, in Ronda's ms, before a picture counts as not whole. */
  readonly tolerance: number;
  /** How old, in Ronda's ms, an alert is that its notice must have told by now: ten real minutes. */
  readonly untoldAfter: number;
  /** How long a lease lasts, real ms: no second look is put off for longer than twice that. */
  readonly leaseMs: number;
};

/** What should be true by now and is not. */
export type Action<T extends Told> =
  | {
      readonly do: 'show-board';
      readonly night: Night;
      /** The instant at which this edit was due; what is due later is a later edit. */
      readonly slot: number;
    }
  | {
      readonly do: 'sum-up';
      readonly night: Night;
      /** Whether all that happened in the night has been read. */
      readonly complete: boolean;
    }
  /** An alert, group or warning whose story may go on. */
  | { readonly do: 'follow'; readonly told: T }
  /** An alert that nobody was told of, though its notice is long gone, lost or stuck. */
  | { readonly do: 'tell'; readonly told: T }
  | { readonly do: 'recheck'; readonly told: T };

/** After that long nobody needs the news of a night any more. Ronda ms. */
const lateMs = 6 * 3_600_000;
/** Whoever draws a board of many parts says one of them at least this often, or is gone. Real ms. */
const drawingMs = 60_000;

/** The picture of a part that has no rows at present. */
export const noPicture = 'none';

export function boardKey(board: Pick<BoardSpec, 'name'>, { date }: Night, part = 1): string {
  return `board/${nightKey(board, date)}/${part}`;
}

export function summaryKey(board: Pick<BoardSpec, 'name'>, { date }: Night): string {
  return `summary/${nightKey(board, date)}`;
}

/**
 * What is to be done for a board. Pure: every replica comes to the same, and one that was away comes to what is
 * left to do, whatever it missed.
 * @param told all messages of the night that `now` belongs to, and of as many before as are still followed
 */
export function plan<T extends Told>(board: BoardSpec, told: readonly T[], reading: Reading): Action<T>[] {
  const night = nightAt(reading.now, board);
  // The night before too: where a window fills nearly the whole day, its end is the next one's beginning.
  const nights = [previousNight(night), night];
  return [
    ...nights.flatMap((one) => boardActions(board, one, told, reading)),
    ...nights.flatMap((one) => summaryActions(board, one, told, reading)),
    ...told.filter(isOpen).map((one) => ({ do: 'follow', told: one }) as const),
    ...told.filter((one) => isUntold(one, reading)).map((one) => ({ do: 'tell', told: one }) as const),
    ...told
      .filter(({ recheck_at }) => isDue(recheck_at, reading))
      .map((one) => ({ do: 'recheck', told: one }) as const),
  ];
}

/**
 * Whether the picture of a night that can be drawn now shows all that happened but for the last moments. The
 * last picture stays, so it must show the last moments too.
 */
export function isWhole({ now, watermark, tolerance }: Reading, { end }: Pick<Night, 'end'>): boolean {
  return watermark !== null && watermark >= (now < end ? now - tolerance : end);
}

function boardActions<T extends Told>(
  board: BoardSpec,
  night: Night,
  told: readonly T[],
  reading: Reading,
): Action<T>[] {
  const { now } = reading;
  const row = told.find(({ message_key }) => message_key === boardKey(board, night));
  const over = now >= night.end;
  // A night that nobody began to show is not shown once it is over; one that was, is brought to its end.
  if (over && (row === undefined || now >= night.end + lateMs)) return [];
  const slot = lastSlot(night, board.updateMinutes, now);
  const shown = row?.ts === undefined || row.said_at === undefined ? undefined : Date.parse(row.said_at);
  const patchy = row?.details?.['whole'] === false && isWhole(reading, night);
  const due = shown === undefined || shown < slot || patchy || isLeftUnfinished(board, night, told, reading);
  return due ? [{ do: 'show-board', night, slot }] : [];
}

/**
 * Whether somebody began to draw a board and was cut off before its last part: then a part is missing, or shows
 * another picture than the main message.
 */
function isLeftUnfinished(
  board: BoardSpec,
  night: Night,
  told: readonly Told[],
  { real }: Pick<Reading, 'real'>,
): boolean {
  const rows = new Map(told.map((one) => [one.message_key, one]));
  const main = rows.get(boardKey(board, night));
  const { parts, picture } = main?.details ?? {};
  if (main === undefined || typeof parts !== 'number') return false;
  let saidLast = main.said_real ?? 0;
  let unfinished = false;
  const known = told.filter(({ kind, message_key }) => kind === 'part' && isOfNight(message_key, main));
  const count = Math.max(parts, known.length);
  for (let n = 2; n <= count + 1; n += 1) {
    const part = rows.get(boardKey(board, night, n));
    const shows = part?.ts === undefined || part.deleted === true ? noPicture : part.details?.['picture'];
    saidLast = Math.max(saidLast, part?.said_real ?? 0);
    unfinished ||= shows !== (n <= parts + 1 ? picture : noPicture);
  }
  // One that lies ahead was written before the machine's clock was set back.
  return unfinished && Math.abs(real - saidLast) >= drawingMs;
}

/** Parts have the key of the main message but for the number. */
function isOfNight(part: string, { message_key }: Told): boolean {
  return part.startsWith(message_key.slice(0, message_key.lastIndexOf('/') + 1));
}

/** The last instant at which an edit was due: the start, a slot, or the end. */
function lastSlot(night: Night, updateMinutes: number, now: number): number {
  return slotsOf(night, updateMinutes).findLast((slot) => slot <= now) ?? night.start;
}

function summaryActions<T extends Told>(
  board: BoardSpec,
  night: Night,
  told: readonly T[],
  { now, watermark, patience, since = night.end }: Reading,
): Action<T>[] {
  if (now < night.end || now >= night.end + lateMs) return [];
  const row = told.find(({ message_key }) => message_key === summaryKey(board, night));
  if (row?.ts !== undefined || row?.deleted === true) return [];
  const complete = watermark !== null && watermark >= night.end;
  const isTired = now >= Math.max(night.end, since) + patience;
  return complete || isTired ? [{ do: 'sum-up', night, complete }] : [];
}

const followed: readonly string[] = ['alert', 'group', 'stale'];

/** A second look that lies further ahead than any is set was set before the machine's clock was set back. */
function isDue(recheckAt: number | undefined, { real, leaseMs }: Reading): boolean {
  return recheckAt !== undefined && (recheckAt <= real || recheckAt > real + 2 * leaseMs);
}

function isUntold({ kind, created_at, ts, deleted, details }: Told, { now, untoldAfter }: Reading): boolean {
  const isTold =
    (ts ?? deleted) !== undefined || details?.['closed'] === true || details?.['joined'] === true;
  return kind === 'alert' && !isTold && now - Date.parse(created_at) > untoldAfter;
}

/** Alerts without `ts` are the notices queue's to post, groups are the watch's from the beginning. */
function isOpen({ kind, ts, deleted, details }: Told): boolean {
  if (!followed.includes(kind) || deleted === true || details?.['closed'] === true) return false;
  return ts !== undefined || kind === 'group';
}
