import type { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import type { CliContext } from '../cli-context.ts';

export type Flags = { readonly plan?: boolean; readonly force?: boolean; readonly json?: boolean };

const examples = `
What is there stays as its owner has it, unless --force is given. Exit code 1
when --plan finds something missing or different, or --force cannot change it.

Examples:
  $ ronda provision --plan
  $ ronda provision --json
`;

/** `ronda provision`. */
export function addProvision(program: Command, cli: CliContext): void {
  program
    .command('provision')
    .description(
      'with RONDA_BACKEND=aws: create the tables and queues that are missing, and show what is there but differs',
    )
    .option('--plan', 'create nothing, only show')
    .option('--force', 'also change what differs')
    .option('--json', 'print one JSON array: an object for each table and queue')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      if (flags.plan === true && flags.force === true)
        throw new UsageError('--plan, --force: only one of them');
      const { run } = await import('./run.ts');
      await run(cli, flags);
    });
}
