import type { Clock } from '../clock.ts';
import { durationText } from '../duration.ts';
import { utc } from '../events/time.ts';
import { bar, liveLine, type Output } from '../terminal.ts';
import { nightLength } from './stories.ts';
import { kinds, sentOf, type Tally } from './tally.ts';

/** A night that is played: where it lies, ms UTC and ms. */
export type Played = {
  readonly seed: number;
  readonly schedulers: number;
  readonly start: number;
  readonly window: number;
};

/** How far a night is, as `HH:mm` from its start: 00:00 to 06:00, however fast it passes. */
export function hourOf(at: number, { start, window }: Played): string {
  const minutes = Math.floor(((at - start) * nightLength) / window);
  const inside = Math.min(Math.max(minutes, 0), nightLength);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(inside / 60))}:${two(inside % 60)}`;
}

/** One line for a terminal: the hour, a bar, and what was sent. */
export function progressLine(at: number, played: Played, tally: Tally): string {
  const sent = sentOf(tally);
  const total = sent + tally.refused + tally.unsent;
  const notes = [
    `${tally.sent.failed} failed`,
    ...(tally.retried > 0 ? [`${tally.retried} retried`] : []),
    ...(tally.refused > 0 ? [`${tally.refused} refused`] : []),
  ];
  return `${hourOf(at, played)} ${bar(total - tally.unsent, total)} ${sent} of ${total} sent, ${notes.join(', ')}`;
}

/** What became of a night, for people. */
export function summaryText({ seed, schedulers }: Played, tally: Tally, tookMs: number): string {
  const { refused, reasons, retried, unsent } = tally;
  const counts = kinds.map((kind) => `${kind} ${tally.sent[kind]}`).join(', ');
  const more = refused - reasons.length;
  return [
    `${unsent === 0 ? 'Played' : 'Stopped'} night ${seed} of ${schedulers} schedulers in ${durationText(tookMs)}: ${sentOf(tally)} reports sent (${counts}).`,
    ...(retried > 0 ? [`Tried again: ${retried}.`] : []),
    ...(unsent > 0 ? [`Not sent: ${unsent}.`] : []),
    ...(refused > 0 ? [`Refused: ${refused}.`] : []),
    ...reasons.map((reason) => `  ${reason}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    '',
  ].join('\n');
}

/** What became of a night, for machines. */
export function summaryJson(
  { seed, schedulers, start, window }: Played,
  tally: Tally,
  took_ms: number,
): object {
  return { seed, schedulers, start: utc(start), end: utc(start + window), took_ms, ...tally };
}

/** The line of a play, for a terminal. */
export function progressOn(output: Output, played: Played, clock: Pick<Clock, 'now' | 'monotonic'>) {
  const line = liveLine(output, clock);
  return {
    show: (tally: Tally): void => {
      line.show(() => progressLine(clock.now(), played, tally));
    },
    clear: line.clear,
  };
}
