import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

const examples = `
Of a past board, stale is who was silent then by the events that are known now.
While no consumer runs, nobody is: silence proves nothing then.
Exit code 1 when there is, or was, no such scheduler.

Examples:
  $ ronda state payroll
  $ ronda state payroll --as-of 2h --json
  $ ronda state --all --as-of 30m
`;

/** `ronda state`. */
export function addState(program: Command, cli: CliContext): void {
  program
    .command('state')
    .description('print a scheduler, or the whole board, as it stands or as it stood')
    .argument('[id]', 'the scheduler: each field, and the event that decides it')
    .option('--all', 'every scheduler, one line each, sorted as the board is')
    .option('--as-of <time>', 'by the events up to it: ISO 8601, or how long ago, like 2h')
    .option('--json', 'as GET /schedulers/{id} answers; with --all one object a line')
    .addHelpText('after', examples)
    .action(async (ID: string | undefined, flags: Record<string, unknown>) => {
      const { readOptions } = await import('./options.ts');
      const options = readOptions({ ID, ...flags });
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, options));
    });
}
