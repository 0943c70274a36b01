import type { Command } from 'commander';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { CliContext } from '../cli-context.ts';
import { scopeFlags } from '../replay/scope-flags.ts';

export type Flags = { json?: boolean; settle?: string } & Record<string, unknown>;

const examples = `
Examples:
  $ ronda verify
  $ ronda verify --service billing --settle 1
  $ ronda verify --projection history --json
`;

/** `ronda verify`. @param projections those that there are, unless they are all */
export function addVerify(
  program: Command,
  cli: CliContext,
  projections?: readonly StoredProjection[],
): void {
  const command = program
    .command('verify')
    .description('compare every row with the events behind it; writes nothing');
  for (const [flags, meaning] of scopeFlags) command.option(flags, meaning);
  command
    .option(
      '--settle <seconds>',
      'how long a difference must last (default: visibility time-out + 5; longer while messages are in flight)',
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, flags, projections));
    });
}
