import { nightKey, type BoardSpec } from './boards.ts';
import { nightAt, previousNight, slotsOf, type Night } from './night.ts';

/** What is known of a message that belongs to a night: the part of its row that a plan turns on. */
export type MessageState = {
  readonly message_key: string;
  readonly kind: string;
  /** Ronda's time, UTC. */
  readonly created_at: string;
  readonly ts?: string | undefined;
  /** The Ronda time, UTC, of its content. */
  readonly said_at?: string | undefined;
  /** When it was last posted or edited, real ms. */
  readonly said_real?: number | undefined;
  readonly deleted?: true | undefined;
  /** When to look for late posts, real ms. */
  readonly recheck_at?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
};

/** The clock's readings, up to when events have been read, and how often what is done. */
export type PlanInput = {
  /** Ronda's time and the machine's, ms UTC. */
  readonly now: number;
  readonly real: number;
  /** What measures how long ago something was done, ms. */
  readonly monotonic: number;
  /** Up to when everything that happened has been read, Ronda ms; null: nobody knows. */
  readonly watermark: number | null;
  /** Up to when jobs can be judged stale, Ronda ms; null: they cannot. */
  readonly judgedAt: number | null;
  /** How long, in Ronda's ms, a summary waits for the watermark: two real minutes. */
  readonly summaryWait: number;
  /** Since when this watch looks, Ronda ms; absent: for long. Only from then on can it have waited. */
  readonly since?: number | undefined;
  /** How far the watermark may lag, in Ronda's ms, before a board counts as incomplete. */
  readonly tolerance: number;
  /** How long a lease lasts, real ms: no second look is put off for longer than twice that. */
  readonly leaseMs: number;
  /** How often it is looked whether a board changed between its slots, real ms; null: it is not. */
  readonly liveEveryMs: number | null;
  /** How often stale jobs are looked for, Ronda ms. */
  readonly staleEveryMs: number;
  /** Null where nothing is expected of anybody. */
  readonly slots: SlotsLook | null;
  /** When this process did last what it does every so often. */
  readonly last: LastDone;
};

/** By `monotonic`, but for the look for stale jobs: that is by Ronda's time. -Infinity: never. */
export type LastDone = {
  readonly live: number;
  readonly oldNights: number;
  /** Of a summary for which there was nobody to sum up. */
  readonly emptySummary: number;
  readonly stale: number;
};

/** A look at what became of slots. Ronda ms. */
export type SlotsLook = {
  readonly last: number;
  readonly everyMs: number;
  /** When the next deadline of a slot passes. */
  readonly nextDeadline: number;
};

/** What should be true by now and is not. */
export type Action<T extends MessageState> =
  | {
      readonly do: 'post-board';
      readonly night: Night;
      /** The instant at which this edit was due; what is due later is a later edit. */
      readonly slot: number;
      /** Whether it is between slots, and so only if a reader would see a difference. */
      readonly live: boolean;
    }
  | {
      readonly do: 'post-summary';
      readonly night: Night;
      /** Whether all that happened in the night has been read. */
      readonly complete: boolean;
    }
  /** A group of alerts that may have to be brought up to date. */
  | { readonly do: 'update-group'; readonly message: T }
  /** A slot may have gone wrong, or right. */
  | { readonly do: 'check-slots' }
  /** Jobs may have gone stale. */
  | { readonly do: 'check-stale'; readonly night: Night }
  | { readonly do: 'recheck'; readonly message: T };

/** After that long nobody needs the news of a night any more. Ronda ms. */
const lateMs = 6 * 3_600_000;
/** Whoever draws a board of many parts says one of them at least this often, or is gone. Real ms. */
const drawingMs = 60_000;

/** The content hash of a part that has no rows at present. */
export const noContent = 'none';

/** The key of a board's message within its night: 1 is the main one, parts count from 2. */
export function boardKey(board: Pick<BoardSpec, 'name'>, { date }: Night, part = 1): string {
  return `board/${nightKey(board, date)}/${part}`;
}

/** The key of a summary's message within its night. */
export function summaryKey(board: Pick<BoardSpec, 'name'>, { date }: Night): string {
  return `summary/${nightKey(board, date)}`;
}

/** Alerts of earlier nights still find their recovery, but are looked after more rarely. Real ms. */
const oldNights = 7;
const oldEveryMs = 60_000;
/** Whether there was anybody to sum up is asked again this often. Real ms. */
const emptyEveryMs = 60_000;

/** The nights of a board that are looked at: tonight and the one before; once a minute those before, too. */
export function nightsInView(board: BoardSpec, { now, monotonic, last }: PlanInput): Night[] {
  const nights = [nightAt(now, board)];
  const count = monotonic - last.oldNights >= oldEveryMs ? oldNights : 2;
  for (let night = nights[0]; night !== undefined && nights.length < count;) {
    night = previousNight(night);
    nights.push(night);
  }
  return nights;
}

/**
 * What is to be done for a board's nights, in the order in which it is to be done. Pure: every replica comes to the
 * same, and one that was away comes to what is left to do, whatever it missed.
 * @param messages all of the nights in view
 */
export function planNight<T extends MessageState>(
  board: BoardSpec,
  messages: readonly T[],
  input: PlanInput,
): Action<T>[] {
  const night = nightAt(input.now, board);
  // The night before too: where a window fills nearly the whole day, its end is the next one's beginning.
  const nights = [previousNight(night), night];
  const boards = nights.flatMap((one) => boardActions(board, one, messages, input));
  return [
    ...boards,
    ...(boards.length === 0 ? liveEdit(board, night, messages, input) : []),
    ...messages.filter(isOpenGroup).map((one) => ({ do: 'update-group', message: one }) as const),
    ...messages
      .filter(({ recheck_at }) => isDue(recheck_at, input))
      .map((one) => ({ do: 'recheck', message: one }) as const),
    ...staleCheck(night, input),
    ...slotsCheck(input),
    ...nights.flatMap((one) => summaryActions(board, one, messages, input)),
  ];
}

/**
 * Whether the board of a night that can be drawn now shows all that happened but for the last moments. The
 * last one stays, so it must show the last moments too.
 */
export function isWhole({ now, watermark, tolerance }: PlanInput, { end }: Pick<Night, 'end'>): boolean {
  return watermark !== null && watermark >= (now < end ? now - tolerance : end);
}

function boardActions<T extends MessageState>(
  board: BoardSpec,
  night: Night,
  messages: readonly T[],
  input: PlanInput,
): Action<T>[] {
  const { now } = input;
  const row = messages.find(({ message_key }) => message_key === boardKey(board, night));
  const over = now >= night.end;
  // A night that nobody began to show is not shown once it is over; one that was, is brought to its end.
  if (over && (row === undefined || now >= night.end + lateMs)) return [];
  const slot = lastSlot(night, board.updateMinutes, now);
  const shown = row?.ts === undefined || row.said_at === undefined ? undefined : Date.parse(row.said_at);
  const isIncomplete = row?.details?.['whole'] === false && isWhole(input, night);
  const due =
    shown === undefined || shown < slot || isIncomplete || isLeftUnfinished(board, night, messages, input);
  return due ? [{ do: 'post-board', night, slot, live: false }] : [];
}

/** Between slots a board that is shown keeps its slot. */
function liveEdit<T extends MessageState>(
  board: BoardSpec,
  night: Night,
  messages: readonly T[],
  { now, monotonic, liveEveryMs, last }: PlanInput,
): Action<T>[] {
  if (liveEveryMs === null || now >= night.end || monotonic - last.live < liveEveryMs) return [];
  const shown = messages.find(({ message_key }) => message_key === boardKey(board, night));
  const slot = shown?.details?.['slot'];
  return shown?.ts !== undefined && typeof slot === 'number'
    ? [{ do: 'post-board', night, slot, live: true }]
    : [];
}

/** A fast clock that was started again may stand before the last look. */
function staleCheck(
  night: Night,
  { now, judgedAt, staleEveryMs, last }: PlanInput,
): { readonly do: 'check-stale'; readonly night: Night }[] {
  const isDue = now - last.stale >= staleEveryMs || now < last.stale;
  return isDue && judgedAt !== null && now < night.end ? [{ do: 'check-stale', night }] : [];
}

/** As soon as a deadline has passed by what has been heard; and every so often, since jobs begin and end. */
function slotsCheck({ now, judgedAt, slots }: PlanInput): { readonly do: 'check-slots' }[] {
  if (slots === null) return [];
  const isDue = now - slots.last >= slots.everyMs || now < slots.last;
  return isDue || (judgedAt !== null && judgedAt >= slots.nextDeadline) ? [{ do: 'check-slots' }] : [];
}

/**
 * Whether somebody began to draw a board and was cut off before its last part: then a part is missing, or shows
 * another state than the main message.
 */
function isLeftUnfinished(
  board: BoardSpec,
  night: Night,
  messages: readonly MessageState[],
  { real }: Pick<PlanInput, 'real'>,
): boolean {
  const rows = new Map(messages.map((one) => [one.message_key, one]));
  const main = rows.get(boardKey(board, night));
  const { parts, picture: contentHash } = main?.details ?? {};
  if (main === undefined || typeof parts !== 'number') return false;
  let editedLast = main.said_real ?? 0;
  let unfinished = false;
  const known = messages.filter(({ kind, message_key }) => kind === 'part' && isOfNight(message_key, main));
  const count = Math.max(parts, known.length);
  for (let n = 2; n <= count + 1; n += 1) {
    const part = rows.get(boardKey(board, night, n));
    const shows = part?.ts === undefined || part.deleted === true ? noContent : part.details?.['picture'];
    editedLast = Math.max(editedLast, part?.said_real ?? 0);
    unfinished ||= shows !== (n <= parts + 1 ? contentHash : noContent);
  }
  // One that lies ahead was written before the machine's clock was set back.
  return unfinished && Math.abs(real - editedLast) >= drawingMs;
}

/** Parts have the key of the main message but for the number. */
function isOfNight(part: string, { message_key }: MessageState): boolean {
  return part.startsWith(message_key.slice(0, message_key.lastIndexOf('/') + 1));
}

/** The last instant at which an edit was due: the start, a slot, or the end. */
function lastSlot(night: Night, updateMinutes: number, now: number): number {
  return slotsOf(night, updateMinutes).findLast((slot) => slot <= now) ?? night.start;
}

function summaryActions<T extends MessageState>(
  board: BoardSpec,
  night: Night,
  messages: readonly T[],
  { now, monotonic, watermark, summaryWait, last, since = night.end }: PlanInput,
): Action<T>[] {
  if (now < night.end || now >= night.end + lateMs) return [];
  if (monotonic - last.emptySummary < emptyEveryMs) return [];
  const row = messages.find(({ message_key }) => message_key === summaryKey(board, night));
  if (row?.ts !== undefined || row?.deleted === true) return [];
  const complete = watermark !== null && watermark >= night.end;
  const hasWaited = now >= Math.max(night.end, since) + summaryWait;
  return complete || hasWaited ? [{ do: 'post-summary', night, complete }] : [];
}

/** A second look that lies further ahead than any is set was set before the machine's clock was set back. */
function isDue(recheckAt: number | undefined, { real, leaseMs }: PlanInput): boolean {
  return recheckAt !== undefined && (recheckAt <= real || recheckAt > real + 2 * leaseMs);
}

/** A group is posted by the watch from the beginning. */
function isOpenGroup({ kind, deleted, details }: MessageState): boolean {
  return kind === 'group' && deleted !== true && details?.['closed'] !== true;
}
