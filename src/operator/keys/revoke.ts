import { UsageError } from '../../errors.ts';
import { utc } from '../../events/time.ts';
import { listApiKeys, revokeApiKey, type ApiKey } from '../../store/keys/api-keys.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import type { Ask } from './ask.ts';
import { keyToRevoke } from './lookup.ts';
import { stillBelieved } from './still-believed.ts';
import { keyView, minuteText, nameText } from './text.ts';

/** What `ronda keys revoke` does, which asks first where somebody is there to answer. @param called the key's id or name */
export async function revoke(
  cli: CliContext,
  ask: Ask,
  { store }: CliConnection,
  called: string,
  { yes = false, json = false }: { readonly yes?: boolean; readonly json?: boolean },
): Promise<void> {
  const { stdout, stderr, exitWith } = cli;
  const now = store.clock.real();
  const key = keyToRevoke(await listApiKeys(store), called, now);
  if (key.revoked === null && !yes && !(await ask(questionOf(key)))) {
    stderr.write('Nothing was revoked.\n');
    exitWith(exit.wrong);
    return;
  }
  const { key_id, name } = key;
  await audited(cli, store, { act: 'keys revoke', details: { key_id, name } }, async () => {
    const at = utc(store.clock.real());
    const revoked = key.revoked === null ? await revokeApiKey(store, key.key_id, at) : key;
    if (revoked?.revoked === undefined || revoked.revoked === null)
      throw new UsageError(`Key ${nameText(key)} has just been removed from the table.`);
    const already = revoked.revoked !== at;
    stdout.write(
      json
        ? `${JSON.stringify({ ...keyView(revoked), already_revoked: already })}\n`
        : already
          ? `Key ${nameText(revoked)} was revoked already, ${minuteText(revoked.revoked)} UTC.\n`
          : `Key ${nameText(revoked)} is revoked. ${stillBelieved}\n`,
    );
    if (revoked.replaced_by !== undefined)
      stderr.write(`Key ${revoked.replaced_by}, which replaces it, is not touched.\n`);
    return !already;
  });
}

function questionOf(key: ApiKey): string {
  const use = key.last_used === undefined ? 'never used' : `last used ${minuteText(key.last_used)} UTC`;
  return `Revoke key ${nameText(key)}, ${use}?`;
}
