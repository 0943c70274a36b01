import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

const examples = `
Examples:
  $ ronda audit --from 7d
  $ ronda audit --limit 20 --json
`;

/** `ronda audit`. */
export function addAudit(program: Command, cli: CliContext): void {
  program
    .command('audit')
    .description('print what operators have done, newest first: who, when, what')
    .option('--from <time>', 'ISO 8601, or how long ago, like 2h; inclusive')
    .option('--limit <n>', 'at most so many (default: 100)')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action(async (flags: Record<string, unknown>) => {
      const { readOptions } = await import('./options.ts');
      const options = readOptions(flags);
      const { list } = await import('./list.ts');
      await cli.withConnection((connection) => list(cli, connection, options));
    });
}
