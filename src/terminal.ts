import type { Clock } from './clock.ts';
import { durationText } from './duration.ts';
import { printable } from './printable.ts';

/** Where a command writes. */
export type Output = {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  /** Of a terminal: how many characters a line holds. */
  readonly columns?: number;
};

/** Lines in columns, as wide as their widest cell; the first line is the heading. Cells are made printable. */
export function inColumns(lines: readonly (readonly string[])[]): string {
  const cells = lines.map((line) => line.map(printable));
  const widths: number[] = [];
  for (const line of cells) {
    for (const [n, cell] of line.entries()) widths[n] = Math.max(widths[n] ?? 0, cell.length);
  }
  return cells
    .map(
      (line) =>
        `${line
          .map((cell, n) => cell.padEnd(widths[n] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

const everyMs = 100;
const clearLine = '\r\x1b[2K';

/** A line that is written over and over, if there is a terminal to do so. */
export type LiveLine = { readonly show: (text: () => string) => void; readonly clear: () => void };

/** A line that is rewritten at most every 100 ms (monotonic); on anything but a terminal it is never written. */
export function liveLine(output: Output, clock: Pick<Clock, 'monotonic'>): LiveLine {
  const isTerminal = output.isTTY === true;
  let shownAt = -Infinity;
  return {
    show: (text) => {
      if (!isTerminal || clock.monotonic() - shownAt < everyMs) return;
      shownAt = clock.monotonic();
      output.write(`${clearLine}${text()}`);
    },
    clear: () => {
      if (isTerminal && shownAt > 0) output.write(clearLine);
      shownAt = -Infinity;
    },
  };
}

const barLength = 24;

/** `[######..................]` */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.floor((Math.min(done, total) * barLength) / total);
  return `[${'#'.repeat(filled).padEnd(barLength, '.')}]`;
}

/**
 * How far a work is: a bar, the rate, the time left. `total` 0: not known, then there is no bar.
 * @param tookMs real ms since it began
 */
export function progressText(what: string, done: number, total: number, tookMs: number): string {
  const rate = tookMs > 0 ? (done * 1_000) / tookMs : 0;
  const speed = `${Math.round(rate)}/s`;
  if (total === 0) return `${what} ${done}, ${speed}`;
  const left = rate === 0 ? '' : `, ${durationText(((total - Math.min(done, total)) * 1_000) / rate)} left`;
  return `${what} ${bar(done, total)} ${done} of ${total}, ${speed}${left}`;
}
