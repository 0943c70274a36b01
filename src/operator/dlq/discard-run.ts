import { UsageError } from '../../errors.ts';
import { exit } from '../desk.ts';
import { liveLine, progressText } from '../terminal.ts';
import { discard } from './discard.ts';
import { letterJson } from './letter.ts';
import { matcherOf, type DiscardChoice } from './options.ts';
import { count, type Work } from './work.ts';

/**
 * What `ronda dlq discard` does.
 * @throws UsageError that says how many would go, unless it was told yes
 */
export async function runDiscard({ desk, bench, dead }: Work, chosen: DiscardChoice): Promise<void> {
  const { stdout, stderr } = desk;
  const { QUEUE: queue, yes } = chosen;
  const signal = desk.stopAsked();
  const line = liveLine(stderr, bench.clock);
  const began = bench.clock.real();
  let kept = 0;
  const { matched, stuck } = await discard(dead, {
    matches: matcherOf(chosen),
    began,
    signal,
    keep: yes
      ? (letter) => {
          stdout.write(`${JSON.stringify(letterJson(letter))}\n`);
          kept += 1;
          line.show(() => progressText('discarded', kept, 0, bench.clock.real() - began));
        }
      : undefined,
  }).finally(line.clear);
  if (!yes) throw new UsageError(`${count(matched)} of ${queue} would be discarded for good. --yes does it.`);
  stderr.write(`${count(matched - stuck)} of ${queue} discarded.\n`);
  if (stuck > 0) {
    stderr.write(`${count(stuck)} could not be taken out and stay.\n`);
    desk.exitWith(exit.wrong);
  }
  if (signal.aborted) desk.exitWith(exit.stopped);
}
