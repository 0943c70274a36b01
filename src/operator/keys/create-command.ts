import type { Command } from 'commander';
import { listApiKeys } from '../../store/keys/api-keys.ts';
import { audited } from '../audit/audited.ts';
import type { CliContext } from '../cli-context.ts';
import { keysThatWork } from './lookup.ts';
import { createFlags, expiresAt, expiryFlags, readCreateOptions } from './options.ts';
import { makeKey } from './rotate.ts';
import { createdText, keyView, nameText, shownOnce } from './text.ts';

/** `ronda keys create`. */
export function addCreate(keys: Command, cli: CliContext): void {
  const { stdout, stderr, withConnection } = cli;
  const command = keys
    .command('create')
    .argument('<name>', 'whose key it is, like billing-prod')
    .description('make a key and show it, this once')
    .option(...createFlags.scope, collect)
    .option(...createFlags.service, collect);
  for (const [flags, meaning] of expiryFlags) command.option(flags, meaning);
  command
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Scopes: ingest registers and reports, read reads, admin removes schedulers.

Examples:
  $ ronda keys create billing --service billing --service invoicing
  $ ronda keys create dashboard --scope read --never
  $ ronda keys create on-call --scope ingest,read,admin --expires 30d --json`,
    )
    .action(async (name: string, given: Record<string, unknown>) => {
      const options = readCreateOptions(name, given);
      await withConnection(async ({ store }) => {
        const now = store.clock.real();
        const expires = expiresAt(options.expires, now);
        const namesakes = keysThatWork(await listApiKeys(store), options.name, now);
        const { name } = options;
        const [scopes, services] = [[...options.scopes], options.services && [...options.services]];
        const details = { name, scopes, services, expires };
        await audited(cli, store, { act: 'keys create', details }, async (note) => {
          const { key, plain } = await makeKey(store, { name, scopes, services, expires });
          note({ key_id: key.key_id });
          stdout.write(
            options.json
              ? `${JSON.stringify({ ...keyView(key), key: plain })}\n`
              : createdText(key, plain, now),
          );
          return true;
        });
        stderr.write(shownOnce);
        if (namesakes.length > 0) {
          stderr.write(
            `Of this name there is ${namesakes.map(nameText).join(', ')} already. "ronda keys rotate" replaces a key.\n`,
          );
        }
      });
    });
}

/** For an option that may be given several times. */
function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
