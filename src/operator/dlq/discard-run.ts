import { UsageError } from '../../errors.ts';
import { audited } from '../audit/audited.ts';
import { exit } from '../cli-context.ts';
import { liveLine, progressText } from '../../terminal.ts';
import { discard } from './discard.ts';
import { deadLetterJson } from './dead-letter.ts';
import { choiceOf, matcherOf, type DiscardChoice } from './options.ts';
import { count, type Work } from './work.ts';

/**
 * What `ronda dlq discard` does.
 * @throws UsageError that says how many would go, unless it was told yes
 */
export async function runDiscard({ cli, connection, dead }: Work, chosen: DiscardChoice): Promise<void> {
  const { stdout, stderr } = cli;
  const { QUEUE: queue, yes } = chosen;
  const signal = cli.stopAsked();
  const line = liveLine(stderr, connection.clock);
  const began = connection.clock.real();
  const matches = matcherOf(chosen);
  if (!yes) {
    const { matched } = await discard(dead, { matches, began, signal, keep: undefined });
    throw new UsageError(`${count(matched)} of ${queue} would be discarded for good. --yes does it.`);
  }
  await audited(cli, connection.store, { act: 'dlq discard', details: choiceOf(chosen) }, async (note) => {
    let kept = 0;
    const { matched, stuck } = await discard(dead, {
      matches,
      began,
      signal,
      keep: (deadLetter) => {
        stdout.write(`${JSON.stringify(deadLetterJson(deadLetter))}\n`);
        kept += 1;
        note({ discarded: kept });
        line.show(() => progressText('discarded', kept, 0, connection.clock.real() - began));
      },
    }).finally(line.clear);
    note({ discarded: matched - stuck, complete: !signal.aborted });
    stderr.write(`${count(matched - stuck)} of ${queue} discarded.\n`);
    if (stuck > 0) {
      stderr.write(`${count(stuck)} could not be taken out and stay.\n`);
      cli.exitWith(exit.wrong);
    }
    if (signal.aborted) cli.exitWith(exit.stopped);
    return matched > stuck;
  });
}
