import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

export type Flags = { readonly board?: string; readonly json?: boolean };

const examples = `
What lies in a time without an ingress or a consumer is not held against a job.
Nights go back 30 days. Late reports count.

Examples:
  $ ronda night
  $ ronda night 2026-11-23 --board eod --json
`;

/** `ronda night`. */
export function addNight(program: Command, cli: CliContext): void {
  program
    .command('night')
    .description('print what was due in a night, and what became of it')
    .argument('[date]', 'the local day on which it starts (default: the latest night)')
    .option('--board <name>', 'of this board (default: the first)')
    .option('--json', 'as GET /nights/{date} answers')
    .addHelpText('after', examples)
    .action(async (date: string | undefined, flags: Flags) => {
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, date, flags));
    });
}
