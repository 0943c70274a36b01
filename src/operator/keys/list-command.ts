import { join } from 'node:path';
import type { Command } from 'commander';
import type { Settings } from '../../config.ts';
import { hasEnded, listApiKeys, type ApiKey } from '../../store/keys/api-keys.ts';
import { exit, type CliContext } from '../cli-context.ts';
import { byNameAndAge, unseenKeys } from './lookup.ts';
import { readListOptions, type ListOptions } from './options.ts';
import { keyView, listText } from './text.ts';

/** `ronda keys list`. */
export function addList(keys: Command, { stdout, stderr, withConnection, exitWith }: CliContext): void {
  keys
    .command('list')
    .description('list keys by name: what they allow, when they end, when they were used')
    .option('--all', 'also those that are revoked, or were replaced and have expired')
    .option('--expiring <time>', 'only those that end within it and have no successor; exit 1 if any')
    .option('--json', 'print one JSON object: keys, bootstrap')
    .addHelpText(
      'after',
      `
Times are UTC. A last use may be an hour behind.

Examples:
  $ ronda keys list --all
  $ ronda keys list --json
  $ ronda keys list --expiring 14d`,
    )
    .action(async (given: Record<string, unknown>) => {
      const options = readListOptions(given);
      await withConnection(async ({ store, settings }) => {
        const now = store.clock.real();
        const all = await listApiKeys(store);
        const unseen = unseenKeys(all);
        const listed = all
          .filter((key) => isAskedFor(key, options, now))
          .filter(({ key_id }) => options.expiring === undefined || !unseen.has(key_id))
          .toSorted(byNameAndAge);
        const bootstrap = bootstrapFrom(settings);
        stdout.write(
          options.json
            ? `${JSON.stringify({ keys: listed.map(keyView), bootstrap })}\n`
            : listText(listed, unseen, now),
        );
        if (options.expiring !== undefined) {
          if (listed.length > 0) exitWith(exit.wrong);
          return;
        }
        if (all.length === 0) stderr.write('There are no keys: "ronda keys create" makes one.\n');
        const hidden = all.length - listed.length;
        if (hidden > 0) stderr.write(`Not listed: ${hidden} that have ended. --all shows them.\n`);
        if (bootstrap !== null)
          stderr.write(`Besides, a key with all scopes is accepted, from ${bootstrap}.\n`);
      });
    });
}

/** An expired key that nothing replaced is shown: somebody may be looking for why a job is refused. */
function isAskedFor(key: ApiKey, { all, expiring }: ListOptions, now: number): boolean {
  const ended = hasEnded(key, now);
  if (expiring !== undefined) return !ended && key.replaced_by === undefined && hasEnded(key, now + expiring);
  return all || !ended || (key.revoked === null && key.replaced_by === undefined);
}

/** Where the key is that is in no table; null: this command's settings have none. Never the key. */
function bootstrapFrom(settings: Settings): string | null {
  const { RONDA_BOOTSTRAP_API_KEY: given, RONDA_BACKEND, RONDA_DATA_DIR } = settings;
  if (given !== undefined) return 'RONDA_BOOTSTRAP_API_KEY';
  if (RONDA_BACKEND === 'aws' || RONDA_DATA_DIR === ':memory:') return null;
  return join(RONDA_DATA_DIR, 'api-key');
}
