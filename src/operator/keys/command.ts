import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { repeated } from '../repeated.ts';
import { askOn, type Ask } from './ask.ts';
import { stillBelieved } from './still-believed.ts';

type Given = Readonly<Record<string, unknown>>;

const expiresOption = ['--expires <when>', 'like 90d or 12w, or a date, UTC (default: 90d)'] as const;
const neverOption = ['--never', 'it does not expire'] as const;

const examples = {
  all: `
Examples:
  $ ronda keys create billing --service billing
  $ ronda keys list --all
  $ ronda keys rotate billing --grace 7d`,
  create: `
Scopes: ingest registers and reports, read reads, admin removes schedulers.

Examples:
  $ ronda keys create billing --service billing --service invoicing
  $ ronda keys create dashboard --scope read --never
  $ ronda keys create on-call --scope ingest,read,admin --expires 30d --json`,
  list: `
Times are UTC. A last use may be an hour behind.

Examples:
  $ ronda keys list --all
  $ ronda keys list --json
  $ ronda keys list --expiring 14d`,
  rotate: `
The new key is shown this once. An old key that ends sooner anyhow still does.

Examples:
  $ ronda keys rotate billing
  $ ronda keys rotate billing --grace 7d --expires 1w
  $ ronda keys rotate billing --grace 0 --never --json`,
  revoke: `
${stillBelieved}

Examples:
  $ ronda keys revoke billing
  $ ronda keys revoke billing --yes --json`,
} as const;

/** `ronda keys create|list|rotate|revoke`. @param ask how it makes sure before it ends a key */
export function addKeys(
  program: Command,
  cli: CliContext,
  ask: Ask = askOn(() => process.stdin, cli.stderr, cli.stopAsked),
): void {
  const keys = program
    .command('keys')
    .description('make, list, replace and revoke API keys')
    .addHelpText('after', examples.all);
  keys
    .command('create')
    .argument('<name>', 'whose key it is, like billing-prod')
    .description('make a key and show it, this once')
    .option('--scope <scope>', 'ingest, read or admin; may be repeated (default: ingest)', repeated)
    .option('--service <name>', 'only this service; may be repeated (default: all)', repeated)
    .option(...expiresOption)
    .option(...neverOption)
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples.create)
    .action(async (name: string, given: Given) => {
      const { readCreateOptions } = await import('./options.ts');
      const options = readCreateOptions(name, given);
      const { create } = await import('./create.ts');
      await cli.withConnection((connection) => create(cli, connection, options));
    });
  keys
    .command('list')
    .description('list keys by name: what they allow, when they end, when they were used')
    .option('--all', 'also those that are revoked, or were replaced and have expired')
    .option('--expiring <time>', 'only those that end within it and have no successor; exit 1 if any')
    .option('--json', 'print one JSON object: keys, bootstrap')
    .addHelpText('after', examples.list)
    .action(async (given: Given) => {
      const { readListOptions } = await import('./options.ts');
      const options = readListOptions(given);
      const { list } = await import('./list.ts');
      await cli.withConnection((connection) => list(cli, connection, options));
    });
  keys
    .command('rotate')
    .argument('<key>', 'its id or name')
    .description('make a key like another, which works for a grace time more')
    .option('--grace <time>', 'how long both work, like 30m, 24h or 7d; 0: not at all (default: 24h)')
    .option(...expiresOption)
    .option(...neverOption)
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples.rotate)
    .action(async (called: string, given: Given) => {
      const { readRotateOptions } = await import('./options.ts');
      const options = readRotateOptions(given);
      const { runRotate } = await import('./rotate-run.ts');
      await cli.withConnection((connection) => runRotate(cli, connection, called, options));
    });
  keys
    .command('revoke')
    .argument('<key>', 'its id or name')
    .description('end a key at once and for good; asks first on a terminal')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples.revoke)
    .action(async (called: string, given: { readonly yes?: boolean; readonly json?: boolean }) => {
      const { revoke } = await import('./revoke.ts');
      await cli.withConnection((connection) => revoke(cli, ask, connection, called, given));
    });
}
