import { UsageError } from '../../errors.ts';
import { utc } from '../../events/time.ts';
import {
  deleteApiKey,
  hashOf,
  keyIdOf,
  newPlainKey,
  putApiKey,
  succeedApiKey,
  type ApiKey,
} from '../../store/keys/api-keys.ts';
import type { Store } from '../../store/store.ts';

/** What a key allows, and until when. */
export type NewKey = Pick<ApiKey, 'name' | 'scopes' | 'services' | 'expires' | 'replaces'>;

/**
 * Makes a key.
 * @returns its row, and the plain key, which is nowhere else
 */
export async function makeKey(store: Store, wanted: NewKey): Promise<{ key: ApiKey; plain: string }> {
  const plain = newPlainKey();
  const key: ApiKey = {
    key_id: keyIdOf(plain) ?? '',
    hash: hashOf(plain),
    created_at: utc(store.clock.real()),
    revoked: null,
    ...wanted,
  };
  await putApiKey(store, key);
  return { key, plain };
}

/**
 * Makes a key that follows another, which ends after the grace time, or earlier if it would have anyhow.
 *
 * The new key is there before the old one is told to end: a crash in between leaves a key that nobody has seen,
 * not a service without one. Of two rotations of one key at once, one is refused and takes its new key back.
 * @param old as it was read
 * @param expires of the new key: real time, UTC
 * @param graceMs real ms
 * @throws UsageError when somebody has changed the old key since
 */
export async function rotateKey(
  store: Store,
  old: ApiKey,
  { expires, graceMs }: { readonly expires: string | null; readonly graceMs: number },
): Promise<{ key: ApiKey; plain: string; oldExpires: string }> {
  const { name, scopes, services, key_id: replaces } = old;
  const made = await makeKey(store, { name, scopes, services, expires, replaces });
  const graceEnds = utc(store.clock.real() + graceMs);
  const oldExpires = old.expires !== null && old.expires < graceEnds ? old.expires : graceEnds;
  const isReplaced = await succeedApiKey(store, old, { replaced_by: made.key.key_id, expires: oldExpires });
  if (isReplaced) return { ...made, oldExpires };
  await deleteApiKey(store, made.key.key_id);
  throw new UsageError(
    `Key ${replaces} was rotated, revoked or removed by somebody else just now: "ronda keys list --all" shows it.`,
  );
}
