import type { Command } from 'commander';
import { reportTypes } from '../../events/report-types.ts';
import type { CliContext } from '../cli-context.ts';
import { repeated } from '../repeated.ts';

const examples = `
Exit code 1 when there is no such scheduler.

Examples:
  $ ronda events payroll --from 2h
  $ ronda events payroll --type status --type acknowledge --limit 20
  $ ronda events payroll --all --json
`;

/** `ronda events`. */
export function addEvents(program: Command, cli: CliContext): void {
  program
    .command('events')
    .description('print the stored events of a scheduler, oldest first')
    .argument('<id>', 'the scheduler')
    .option('--from <time>', 'ISO 8601, or how long ago, like 2h; inclusive')
    .option('--to <time>', 'likewise')
    .option('--type <type>', `one of ${reportTypes.join(', ')}; may be repeated`, repeated)
    .option('--limit <n>', 'at most so many, the newest (default: 100)')
    .option('--all', 'all of them, however many')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action(async (ID: string, flags: Record<string, unknown>) => {
      const { readOptions } = await import('./options.ts');
      const options = readOptions({ ID, ...flags });
      const { run } = await import('./run.ts');
      await cli.withConnection((connection) => run(cli, connection, options));
    });
}
