import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { askOn, type Ask } from '../keys/ask.ts';

export type Flags = { readonly dryRun?: boolean; readonly json?: boolean; readonly yes?: boolean };

const examples = `
Over HTTP: RONDA_URL (default: http://127.0.0.1:3000) and RONDA_API_KEY, with
the scopes ingest and read, and admin for calendars. Nothing is ever removed:
what a file leaves out stays as it is, and null clears a field.

Examples:
  $ ronda apply schedulers/ calendars.yaml --dry-run
  $ ronda apply night.yaml --yes --json
`;

/** `ronda apply`. @param ask how it makes sure before it changes anything */
export function addApply(
  program: Command,
  cli: CliContext,
  ask: Ask = askOn(() => process.stdin, cli.stderr, cli.stopAsked),
): void {
  program
    .command('apply')
    .description('make schedulers, expectations and calendars what files say; asks first on a terminal')
    .argument('<path...>', 'files of YAML or JSON, or folders of them')
    .option('--dry-run', 'print what would be created and changed, change nothing')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (paths: string[], flags: Flags) => {
      const { run } = await import('./run.ts');
      await run(cli, ask, paths, flags);
    });
}
