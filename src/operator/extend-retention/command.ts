import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

export type Flags = { readonly dryRun?: boolean; readonly json?: boolean };

/** `ronda extend-retention`. */
export function addExtendRetention(program: Command, cli: CliContext): void {
  program
    .command('extend-retention')
    .description('after a retention setting was raised: keep what is stored for as long as it counts now')
    .option('--dry-run', 'count, write nothing')
    .option('--json', 'print one JSON object')
    .action(async (flags: Flags) => {
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, flags));
    });
}
