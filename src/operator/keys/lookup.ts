import { UsageError } from '../../errors.ts';
import { hasEnded, type ApiKey } from '../../store/keys/api-keys.ts';
import { printable } from '../../printable.ts';

/**
 * The key to revoke that an id or a name means. Of several of one name those that have ended are not meant,
 * unless there are no others; where all are revoked it is the one that was revoked last.
 * @param now real ms UTC
 * @throws UsageError when there is none, or when it could be several
 */
export function keyToRevoke(keys: readonly ApiKey[], called: string, now: number): ApiKey {
  const meant = keysCalled(keys, called);
  const unrevoked = meant.filter(({ revoked }) => revoked === null);
  const live = unrevoked.filter((key) => !hasEnded(key, now));
  const latest = meant.toSorted((a, b) => (a.revoked ?? '').localeCompare(b.revoked ?? '')).slice(-1);
  return theOne(live.length > 0 ? live : unrevoked.length > 0 ? unrevoked : latest, called);
}

/**
 * The key to rotate that an id or a name means: of several of one name those that are revoked or replaced are
 * not meant, nor, if there are others, those that have expired.
 * @param now real ms UTC
 * @throws UsageError when there is none, when it could be several, or when it is revoked or replaced already
 */
export function keyToRotate(keys: readonly ApiKey[], called: string, now: number): ApiKey {
  const meant = keysCalled(keys, called);
  const usable = meant.filter(({ revoked, replaced_by }) => revoked === null && replaced_by === undefined);
  const live = usable.filter((key) => !hasEnded(key, now));
  if (usable.length > 0) return theOne(live.length > 0 ? live : usable, called);
  const [first] = meant;
  if (meant.length === 1 && first?.revoked === null) {
    throw new UsageError(
      `Key ${first.key_id} has been replaced by ${first.replaced_by ?? ''}: rotate that one.`,
    );
  }
  throw new UsageError(
    `Key ${printable(called)} is revoked: "ronda keys create" makes a new one, nothing brings it back.`,
  );
}

/**
 * The ids of keys that a rotation made and did not come to show, since it is still at work, broke off, or lost
 * to another: the key that they should follow names no successor, or another one.
 */
export function unseenKeys(keys: readonly ApiKey[]): ReadonlySet<string> {
  const successors = new Map(keys.map(({ key_id, replaced_by }) => [key_id, replaced_by]));
  const unseen = keys.filter(
    ({ key_id, replaces }) =>
      replaces !== undefined && successors.has(replaces) && successors.get(replaces) !== key_id,
  );
  return new Set(unseen.map(({ key_id }) => key_id));
}

/** The keys of a name that have not ended. @param now real ms UTC */
export function keysThatWork(keys: readonly ApiKey[], name: string, now: number): ApiKey[] {
  return keys.filter((key) => key.name === name && !hasEnded(key, now)).toSorted(byNameAndAge);
}

function keysCalled(keys: readonly ApiKey[], called: string): readonly ApiKey[] {
  // An id is never ambiguous, even if another key has it for its name.
  const byId = keys.filter(({ key_id }) => key_id === called);
  const unseen = unseenKeys(keys);
  const found =
    byId.length > 0 ? byId : keys.filter(({ key_id, name }) => name === called && !unseen.has(key_id));
  if (found.length > 0) return found;
  throw new UsageError(
    `There is no key with the id or name ${printable(called)}: "ronda keys list --all" shows all.`,
  );
}

function theOne(candidates: readonly ApiKey[], called: string): ApiKey {
  const [first] = candidates;
  if (first !== undefined && candidates.length === 1) return first;
  const ids = candidates
    .toSorted(byNameAndAge)
    .map(({ key_id, created_at }) => `${key_id} (created ${created_at.slice(0, 10)})`);
  throw new UsageError(
    `There are ${candidates.length} keys called ${printable(called)}: say which by its id, ${ids.join(' or ')}.`,
  );
}

/** The order of a list: by name, then the oldest first. */
export function byNameAndAge(a: ApiKey, b: ApiKey): number {
  return compare(a.name, b.name) || compare(a.created_at, b.created_at) || compare(a.key_id, b.key_id);
}

/** By code units: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
