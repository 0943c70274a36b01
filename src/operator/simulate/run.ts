import { clockOf, readSettings } from '../../config.ts';
import { readSimulateOptions } from '../../simulate/options.ts';
import { simulate } from '../../simulate/simulate.ts';
import { exit, type CliContext } from '../cli-context.ts';

/** What `ronda simulate` does. @throws UsageError that names every bad option at once */
export async function run(cli: CliContext, given: Readonly<Record<string, unknown>>): Promise<void> {
  const { env, stdout, stderr } = cli;
  const options = readSimulateOptions(given, env);
  const clock = clockOf(readSettings(env));
  const log = await cli.log();
  const tally = await simulate(options, { clock, stdout, stderr, log, signal: cli.stopAsked() });
  if (tally !== undefined && tally.refused + tally.unsent > 0) cli.exitWith(exit.wrong);
}
