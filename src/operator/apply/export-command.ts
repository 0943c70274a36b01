import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

const examples = `
Over HTTP: RONDA_URL (default: http://127.0.0.1:3000) and RONDA_API_KEY, with
the scopes read and admin. Applying what it prints changes nothing.

Examples:
  $ ronda export-config > ronda.yaml
  $ ronda export-config --json
`;

/** `ronda export-config`. */
export function addExportConfig(program: Command, cli: CliContext): void {
  program
    .command('export-config')
    .description('print schedulers, expectations and calendars as "apply" takes them')
    .option('--json', 'as JSON, not YAML')
    .addHelpText('after', examples)
    .action(async ({ json = false }: { json?: boolean }) => {
      const { run } = await import('./export.ts');
      await run(cli, json);
    });
}
