import type { Command } from 'commander';
import { listApiKeys } from '../../store/keys/api-keys.ts';
import { audited } from '../audit/audited.ts';
import type { CliContext } from '../cli-context.ts';
import { keyToRotate } from './lookup.ts';
import { expiresAt, expiryFlags, readRotateOptions } from './options.ts';
import { rotateKey } from './rotate.ts';
import { createdText, expiryText, keyView, shownOnce, stillBelieved } from './text.ts';

/** `ronda keys rotate`. */
export function addRotate(keys: Command, cli: CliContext): void {
  const { stdout, stderr, withConnection } = cli;
  const command = keys
    .command('rotate')
    .argument('<key>', 'its id or name')
    .description('make a key like another, which works for a grace time more')
    .option('--grace <time>', 'how long both work, like 30m, 24h or 7d; 0: not at all (default: 24h)');
  for (const [flags, meaning] of expiryFlags) command.option(flags, meaning);
  command
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The new key is shown this once. An old key that ends sooner anyhow still does.

Examples:
  $ ronda keys rotate billing
  $ ronda keys rotate billing --grace 7d --expires 1w
  $ ronda keys rotate billing --grace 0 --never --json`,
    )
    .action(async (called: string, given: Record<string, unknown>) => {
      const options = readRotateOptions(given);
      await withConnection(async ({ store }) => {
        const now = store.clock.real();
        const expires = expiresAt(options.expires, now);
        const old = keyToRotate(await listApiKeys(store), called, now);
        const details = { name: old.name, replaces: old.key_id, expires };
        await audited(cli, store, { act: 'keys rotate', details }, async (note) => {
          const { key, plain, oldExpires } = await rotateKey(store, old, { expires, graceMs: options.grace });
          note({ key_id: key.key_id, old_expires: oldExpires });
          stdout.write(
            options.json
              ? `${JSON.stringify({ ...keyView(key), key: plain, old_expires: oldExpires })}\n`
              : createdText(key, plain, now),
          );
          const ends = expiryText({ expires: oldExpires }, now);
          stderr.write(`${shownOnce}The old one, ${old.key_id}: ${ends}. ${stillBelieved}\n`);
          return true;
        });
      });
    });
}
