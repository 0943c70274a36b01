import { exit } from '../cli-context.ts';
import { goThrough } from './go-through.ts';
import { deadLetterJson, deadLetterText, type DeadLetter } from './dead-letter.ts';
import type { ListOptions } from './options.ts';
import { count, type Work } from './work.ts';

/** What `ronda dlq list` does: prints the dead letters and gives them back. */
export async function list({ cli, connection, dead }: Work, chosen: ListOptions): Promise<void> {
  const { stdout, stderr } = cli;
  const { QUEUE: queue, limit, full, json } = chosen;
  const deadLetters: DeadLetter[] = [];
  const signal = cli.stopAsked();
  const { waiting, inHand } = await goThrough(dead, {
    wanted: () => limit - deadLetters.length,
    signal,
    visit: (found) => {
      deadLetters.push(...found);
      return Promise.resolve([]);
    },
  });
  const now = connection.clock.real();
  const columns = stdout.columns ?? 100;
  for (const deadLetter of deadLetters)
    stdout.write(
      json
        ? `${JSON.stringify(deadLetterJson(deadLetter))}\n`
        : deadLetterText(deadLetter, { queue, now, full, columns }),
    );
  const there = Math.max(waiting, deadLetters.length);
  const elsewhere = inHand > 0 ? ` About ${inHand} more are in somebody's hands now.` : '';
  const shown = there > deadLetters.length ? ` (${deadLetters.length} shown)` : '';
  const text =
    deadLetters.length === 0
      ? `No dead letter of ${queue} to be seen.${elsewhere}\n`
      : `About ${count(there)} of ${queue}${shown}.${elsewhere}\n`;
  (json ? stderr : stdout).write(text);
  if (deadLetters.length > 0 || inHand > 0) cli.exitWith(exit.wrong);
  if (signal.aborted) cli.exitWith(exit.stopped);
}
