import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { addCommands } from '../../src/operator/commands.ts';
import { listRun } from '../../src/operator/run-listing.ts';
import { silent } from '../../src/log.ts';

const emptyRow = { write: () => undefined };

/** Every command that does something itself, by its words. */
function leaves(command: Command, words: readonly string[] = []): [string, Command][] {
  return command.commands.flatMap((one): [string, Command][] => {
    const own = [...words, one.name()];
    return one.commands.length > 0 ? leaves(one, own) : [[own.join(' '), one]];
  });
}

function program(add: (to: Command) => void): Command {
  const made = new Command('ronda');
  add(made);
  return made;
}

test('every command speaks to machines, too; `ronda run` alone leaves standard output to its job', () => {
  const all = leaves(
    program((made) => {
      addCommands(made, {
        env: {},
        stdout: emptyRow,
        stderr: emptyRow,
        log: () => Promise.resolve(silent),
        who: () => '',
        stopAsked: () => new AbortController().signal,
        withConnection: () => Promise.reject(new Error('nothing is to be done')),
        transportsOf: () => Promise.resolve([]),
        transportSettings: () => Promise.resolve([]),
        exitWith: () => undefined,
      });
    }),
  );
  const [[run] = []] = leaves(program(listRun));
  const silentOnes = all.filter(([, { options }]) => !options.some(({ long }) => long === '--json'));
  expect(silentOnes.map(([name]) => name)).toEqual([run]);
  expect(all.length).toBeGreaterThan(12);
});
