import { parseDuration } from '../../../duration.ts';
import { cellStates, type CellState } from '../../../night/board.ts';

/** What a person typed behind `/eod`, understood. */
export type Command =
  | { readonly do: 'board' }
  /** The board as it stood: at a local time (`HH:mm`) of the current night, or of a local date (`yyyy-MM-dd`). */
  | { readonly do: 'board-at'; readonly date: string | null; readonly time: string }
  /** The rows of one state. */
  | { readonly do: 'board-of'; readonly state: CellState }
  /** What is due soon. */
  | { readonly do: 'board-due' }
  | { readonly do: 'scheduler'; readonly job: string }
  | { readonly do: 'snooze'; readonly job: string; readonly until: SnoozeUntil }
  | { readonly do: 'unsnooze'; readonly job: string }
  | { readonly do: 'acknowledge'; readonly job: string }
  /** From now on. */
  | { readonly do: 'maintenance'; readonly service: string; readonly ms: number; readonly reason: string }
  | { readonly do: 'help' }
  /** Meant as one of the above, and not quite it; `why` is for the person. */
  | { readonly do: 'unclear'; readonly why: string };

/** For how long, in ms, or until the next time that the clocks show `HH:mm`. */
export type SnoozeUntil = { readonly ms: number } | { readonly time: string };

const shortestSnoozeMs = 60_000;
const longestSnoozeMs = 7 * 86_400_000;

/**
 * Reads the text of a command. Pure; any text gives a command. What begins with none of the words is a job, and
 * so is whatever stands in quotes, for a job that is called `help` or `failed`.
 */
export function parseCommand(text: string): Command {
  const args = unescape(text).split(/\s+/).filter(Boolean);
  const [first = '', ...rest] = args;
  const quoted = unquoted(args);
  if (quoted !== null) return { do: 'scheduler', job: quoted };
  switch (first.toLowerCase()) {
    case '':
      return { do: 'board' };
    case 'at':
      return boardAt(rest);
    case 'snooze':
      return snooze(rest);
    case 'unsnooze':
      return ofJob('unsnooze', rest);
    case 'ack':
      return ofJob('acknowledge', rest);
    case 'maintenance':
      return maintenance(rest);
    case 'due':
      if (rest.length === 0) return { do: 'board-due' };
      break;
    case 'help':
    case '?':
      // A job may be called "help desk".
      if (rest.length === 0) return { do: 'help' };
  }
  const state = cellStates.find((name) => name === first.toLowerCase());
  if (state !== undefined && rest.length === 0) return { do: 'board-of', state };
  return { do: 'scheduler', job: args.join(' ') };
}

function boardAt(args: readonly string[]): Command {
  const time = timeOf(args.at(-1) ?? '');
  const date = args.length > 1 ? args.slice(0, -1).join(' ') : null;
  if (time === null || (date !== null && !isDate(date))) {
    return {
      do: 'unclear',
      why: 'a time looks like “at 02:15”, or with its date like “at 2026-11-23 02:15”.',
    };
  }
  return { do: 'board-at', date, time };
}

function snooze(args: readonly string[]): Command {
  const time = args.at(-2)?.toLowerCase() === 'until' ? timeOf(args.at(-1) ?? '') : null;
  const durations = trailing(args, (word) => durationOf(word) !== undefined);
  const until = time !== null ? { time } : { ms: sum(durations.map((word) => durationOf(word) ?? 0)) };
  const named = args.slice(0, args.length - (time !== null ? 2 : durations.length));
  const job = named.at(-1)?.toLowerCase() === 'for' && time === null ? named.slice(0, -1) : named;
  if (job.length === 0 || (time === null && durations.length === 0)) {
    return {
      do: 'unclear',
      why: 'say which job and for how long, like “snooze JOB 2h”, “1h30m” or “until 03:00”.',
    };
  }
  if ('ms' in until && (until.ms < shortestSnoozeMs || until.ms > longestSnoozeMs)) {
    return { do: 'unclear', why: 'alerts can be snoozed for 1 minute to 7 days.' };
  }
  return { do: 'snooze', job: jobIn(job), until };
}

/** The service's name goes up to the first duration, the reason begins behind it. */
function maintenance(args: readonly string[]): Command {
  const start = args.findIndex(
    (word, index) => index > 0 && durationOf(word) !== undefined && !isQuoted(args, index),
  );
  const behind = start === -1 ? [] : args.slice(start);
  const length = behind.findIndex((word) => durationOf(word) === undefined);
  const reason = length === -1 ? '' : behind.slice(length).join(' ');
  if (reason === '') {
    return {
      do: 'unclear',
      why: 'say which service, for how long and why, like “maintenance SERVICE 2h new disks”.',
    };
  }
  const ms = sum(behind.slice(0, length).map((word) => durationOf(word) ?? 0));
  if (ms < shortestSnoozeMs || ms > longestSnoozeMs)
    return { do: 'unclear', why: 'a maintenance from now on lasts 1 minute to 7 days.' };
  return { do: 'maintenance', service: jobIn(args.slice(0, start)), ms, reason };
}

/** Whether a word stands within quotes that were opened before it. */
function isQuoted(args: readonly string[], index: number): boolean {
  const before = args.slice(0, index).join(' ');
  return /^["'“”„‘’]/u.test(before) && unquoted([before]) === null;
}

function ofJob(what: 'acknowledge' | 'unsnooze', args: readonly string[]): Command {
  const word = what === 'acknowledge' ? 'ack' : what;
  if (args.length === 0) return { do: 'unclear', why: `say which job, like “${word} JOB”.` };
  return { do: what, job: jobIn(args) };
}

/** `HH:mm`; a dot will do, as times are written in Indonesia. */
function timeOf(text: string): string | null {
  const [, hours = '', minutes = ''] = /^(\d|[01]\d|2[0-3])[:.]([0-5]\d)$/.exec(text) ?? [];
  return minutes === '' ? null : `${hours.padStart(2, '0')}:${minutes}`;
}

function isDate(text: string): boolean {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  // `Date.parse` takes 30 February for 2 March.
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}

/** However long: what is too long is said so. */
function durationOf(word: string): number | undefined {
  return parseDuration(word.toLowerCase(), Infinity);
}

function trailing(args: readonly string[], fits: (word: string) => boolean): readonly string[] {
  return args.slice(args.findLastIndex((word) => !fits(word)) + 1);
}

function jobIn(args: readonly string[]): string {
  return unquoted(args) ?? args.join(' ');
}

/** The text within quotes, straight or as phones write them; null where there are none, or nothing inside. */
function unquoted(args: readonly string[]): string | null {
  const [, inner = ''] = /^["'“”„‘’](.+)["'“”‘’]$/u.exec(args.join(' ')) ?? [];
  return inner.trim() === '' ? null : inner.trim();
}

/** Slack sends these three escaped. https://docs.slack.dev/messaging/formatting-message-text#escaping */
function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
