import { listApiKeys } from '../../store/keys/api-keys.ts';
import { audited } from '../audit/audited.ts';
import type { CliContext, CliConnection } from '../cli-context.ts';
import { keysThatWork } from './lookup.ts';
import { expiresAt, type CreateOptions } from './options.ts';
import { makeKey } from './rotate.ts';
import { createdText, keyView, nameText, shownOnce } from './text.ts';

/** What `ronda keys create` does. */
export async function create(
  cli: CliContext,
  { store }: CliConnection,
  options: CreateOptions,
): Promise<void> {
  const { stdout, stderr } = cli;
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
      options.json ? `${JSON.stringify({ ...keyView(key), key: plain })}\n` : createdText(key, plain, now),
    );
    return true;
  });
  stderr.write(shownOnce);
  if (namesakes.length > 0) {
    stderr.write(
      `Of this name there is ${namesakes.map(nameText).join(', ')} already. "ronda keys rotate" replaces a key.\n`,
    );
  }
}
