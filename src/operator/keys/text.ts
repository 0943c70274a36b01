import { hasEnded, type ApiKey } from '../../store/keys/api-keys.ts';
import { durationText } from '../../duration.ts';
import { printable } from '../../printable.ts';
import { inColumns } from '../../terminal.ts';

/** A key as it may be shown: all but its hash. Times are real, UTC. */
export function keyView(key: ApiKey) {
  return {
    key_id: key.key_id,
    name: key.name,
    scopes: key.scopes,
    services: key.services,
    created_at: key.created_at,
    expires: key.expires,
    revoked: key.revoked,
    last_used: key.last_used ?? null,
    replaces: key.replaces ?? null,
    replaced_by: key.replaced_by ?? null,
  };
}

/**
 * @param unseen the ids of keys that nobody was shown
 * @param now real ms UTC
 */
export function listText(keys: readonly ApiKey[], unseen: ReadonlySet<string>, now: number): string {
  if (keys.length === 0) return '';
  const heading = ['id', 'name', 'scopes', 'services', 'created', 'expires', 'last used', 'note'];
  const lines = keys.map((key) => [
    key.key_id,
    key.name,
    key.scopes.join(','),
    servicesText(key),
    key.created_at.slice(0, 10),
    expiryText(key, now),
    key.last_used === undefined ? 'never' : minuteText(key.last_used),
    noteText(key, unseen.has(key.key_id)),
  ]);
  return inColumns([heading, ...lines]);
}

/** What a new key is, and the key itself on a line of its own. @param now real ms UTC */
export function createdText(key: ApiKey, plain: string, now: number): string {
  const fields = [
    ['  name', key.name],
    ['  scopes', key.scopes.join(', ')],
    ['  services', servicesText(key)],
    ['  expires', expiryText(key, now)],
  ];
  return `Key ${key.key_id}\n${inColumns(fields)}\n${plain}\n`;
}

export const shownOnce = 'Keep the key now: it is stored nowhere and is not shown again.\n';

function servicesText({ services }: ApiKey): string {
  return services === null ? 'all' : services.join(', ');
}

function noteText({ revoked, replaces, replaced_by }: ApiKey, unseen: boolean): string {
  const notes = [
    revoked === null ? [] : [`revoked ${minuteText(revoked)}`],
    replaced_by === undefined ? [] : [`replaced by ${replaced_by}`],
    replaces === undefined
      ? []
      : [unseen ? `shown to nobody, meant to replace ${replaces}` : `replaces ${replaces}`],
  ];
  return notes.flat().join(', ');
}

/** `never`, `expired 2026-11-01 07:30`, `2026-12-06 07:30 (in 12 d 05 h)`. @param now real ms UTC */
export function expiryText({ expires }: Pick<ApiKey, 'expires'>, now: number): string {
  if (expires === null) return 'never';
  if (hasEnded({ revoked: null, expires }, now)) return `expired ${minuteText(expires)}`;
  return `${minuteText(expires)} (in ${durationText(Date.parse(expires) - now)})`;
}

/** A key by its id and name. */
export function nameText({ key_id, name }: Pick<ApiKey, 'key_id' | 'name'>): string {
  return `${key_id} (${printable(name)})`;
}

/** A UTC time to the minute. */
export function minuteText(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
