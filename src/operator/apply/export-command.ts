import type { Command } from 'commander';
import { createClock } from '../../clock.ts';
import type { CliContext } from '../cli-context.ts';
import { openApi, readLive, type Live } from './live.ts';

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
      const api = openApi(cli.env, createClock(), cli.stopAsked());
      const document = documentOf(await readLive(api, true));
      if (json) cli.stdout.write(`${JSON.stringify(document)}\n`);
      else cli.stdout.write(await yamlOf(document));
    });
}

/** What there is as a file of configuration, in the order of ids. Pure. */
function documentOf({ schedulers, calendars }: Live) {
  return {
    calendars: Object.fromEntries(sorted(calendars)),
    schedulers: sorted(schedulers).map(([scheduler_id, fields]) => ({
      scheduler_id,
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    })),
  };
}

function sorted<T>(by: ReadonlyMap<string, T>): [string, T][] {
  return [...by].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function yamlOf(document: object): Promise<string> {
  const { stringify } = await import('yaml');
  // Readers of older YAML take 05:30 for a number: in quotes it is text to all.
  return stringify(document, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
