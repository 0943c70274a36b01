import type { Command } from 'commander';
import { clockOf, readSettings } from '../config.ts';
import { exit, type CliContext } from './cli-context.ts';
import { readSimulateOptions, simulateFlags } from '../simulate/options.ts';
import { simulate } from '../simulate/simulate.ts';

/** `ronda simulate`. */
export function addSimulate(program: Command, cli: CliContext): void {
  const command = program
    .command('simulate')
    .description('play one night of a simulated fleet of services against a Ronda');
  for (const [flags, meaning] of simulateFlags) command.option(flags, meaning);
  command.action(async (given: Record<string, unknown>) => {
    const { env, stdout, stderr } = cli;
    const options = readSimulateOptions(given, env);
    const clock = clockOf(readSettings(env));
    const tally = await simulate(options, {
      clock,
      stdout,
      stderr,
      log: cli.log(),
      signal: cli.stopAsked(),
    });
    if (tally !== undefined && tally.refused + tally.unsent > 0) cli.exitWith(exit.wrong);
  });
}
