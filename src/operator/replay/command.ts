import type { Command } from 'commander';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { CliContext } from '../cli-context.ts';
import { scopeFlags } from './scope-flags.ts';

export type Flags = { dryRun?: boolean; prune?: boolean; resume?: boolean; json?: boolean } & Record<
  string,
  unknown
>;

const examples = `
Examples:
  $ ronda replay --dry-run
  $ ronda replay --projection history --service billing
  $ ronda replay --outdated
`;

/** `ronda replay`. @param projections those that there are, unless they are all */
export function addReplay(
  program: Command,
  cli: CliContext,
  projections?: readonly StoredProjection[],
): void {
  const command = program
    .command('replay')
    .description('make projections anew from the events, on a live system; never tells Slack');
  for (const [flags, meaning] of scopeFlags) command.option(flags, meaning);
  command
    .option('--outdated', 'only rows that an older version of the projection wrote')
    .option('--dry-run', 'compare and print, write nothing')
    .option('--prune', 'remove rows that have no event behind them')
    .option('--resume', 'go on with the replay of all that was interrupted')
    .option('--json', 'print the summary as one JSON object')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, flags, projections));
    });
}
