import type { Command } from 'commander';
import { simulateFlags } from '../../simulate/flags.ts';
import type { CliContext } from '../cli-context.ts';

/** `ronda simulate`. */
export function addSimulate(program: Command, cli: CliContext): void {
  const command = program
    .command('simulate')
    .description('play one night of a simulated fleet of services against a Ronda');
  for (const [flags, meaning] of simulateFlags) command.option(flags, meaning);
  command.action(async (given: Record<string, unknown>) => {
    const { run } = await import('./run.ts');
    await run(cli, given);
  });
}
