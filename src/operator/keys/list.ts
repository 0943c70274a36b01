import { join } from 'node:path';
import type { Settings } from '../../config.ts';
import { hasEnded, listApiKeys, type ApiKey } from '../../store/keys/api-keys.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { byNameAndAge, unseenKeys } from './lookup.ts';
import type { ListOptions } from './options.ts';
import { keyView, listText } from './text.ts';

/** What `ronda keys list` does. */
export async function list(
  { stdout, stderr, exitWith }: CliContext,
  { store, settings }: CliConnection,
  options: ListOptions,
): Promise<void> {
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
  if (bootstrap !== null) stderr.write(`Besides, a key with all scopes is accepted, from ${bootstrap}.\n`);
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
