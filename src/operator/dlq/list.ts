import { exit } from '../cli-context.ts';
import { goThrough } from './go-through.ts';
import { letterJson, letterText, type Letter } from './dead-letter.ts';
import type { ListOptions } from './options.ts';
import { count, type Work } from './work.ts';

/** What `ronda dlq list` does: prints the letters and gives them back. */
export async function list({ desk, bench, dead }: Work, chosen: ListOptions): Promise<void> {
  const { stdout, stderr } = desk;
  const { QUEUE: queue, limit, full, json } = chosen;
  const letters: Letter[] = [];
  const signal = desk.stopAsked();
  const { waiting, inHand } = await goThrough(dead, {
    wanted: () => limit - letters.length,
    signal,
    visit: (found) => {
      letters.push(...found);
      return Promise.resolve([]);
    },
  });
  const now = bench.clock.real();
  const columns = stdout.columns ?? 100;
  for (const letter of letters)
    stdout.write(
      json ? `${JSON.stringify(letterJson(letter))}\n` : letterText(letter, { queue, now, full, columns }),
    );
  const there = Math.max(waiting, letters.length);
  const elsewhere = inHand > 0 ? ` About ${inHand} more are in somebody's hands now.` : '';
  const shown = there > letters.length ? ` (${letters.length} shown)` : '';
  const text =
    letters.length === 0
      ? `No dead letter of ${queue} to be seen.${elsewhere}\n`
      : `About ${count(there)} of ${queue}${shown}.${elsewhere}\n`;
  (json ? stderr : stdout).write(text);
  if (letters.length > 0 || inHand > 0) desk.exitWith(exit.wrong);
  if (signal.aborted) desk.exitWith(exit.stopped);
}
