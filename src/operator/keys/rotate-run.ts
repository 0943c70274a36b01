import { listApiKeys } from '../../store/keys/api-keys.ts';
import { audited } from '../audit/audited.ts';
import type { CliContext, CliConnection } from '../cli-context.ts';
import { keyToRotate } from './lookup.ts';
import { expiresAt, type RotateOptions } from './options.ts';
import { rotateKey } from './rotate.ts';
import { stillBelieved } from './still-believed.ts';
import { createdText, expiryText, keyView, shownOnce } from './text.ts';

/** What `ronda keys rotate` does. @param called the key's id or name */
export async function runRotate(
  cli: CliContext,
  { store }: CliConnection,
  called: string,
  options: RotateOptions,
): Promise<void> {
  const { stdout, stderr } = cli;
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
}
