import { readFileSync } from 'node:fs';
import { reasonOf } from '../../errors.ts';
import type { Clock } from '../../clock.ts';
import { createWebhook, type WebhookSettings } from './webhook.ts';

/** Webhooks as a kind of transport. */
export const webhooks = {
  settings: [
    {
      name: 'RONDA_WEBHOOK_<NAME>_URL',
      default: null,
      meaning:
        'where alerts that a route sends to `webhook:name` are posted; like the next two also as `..._FILE`',
    },
    {
      name: 'RONDA_WEBHOOK_<NAME>_SECRET',
      default: null,
      meaning: 'signs them: `whsec_` and 24 to 64 bytes in base64',
    },
    {
      name: 'RONDA_WEBHOOK_<NAME>_SECRET_NEXT',
      default: null,
      meaning: 'signs them as well, while the secret is rotated',
    },
    {
      name: 'RONDA_WEBHOOK_ALLOW_HOSTS',
      default: null,
      meaning: 'hosts at loopback or private addresses that may be called all the same, separated by commas',
    },
  ],
  /** Those that the environment sets up. */
  read: (env: Environment, clock: Clock) => {
    const { webhooks: found, problems } = readWebhooks(env);
    return { transports: found.map((one) => createWebhook(one, clock)), problems };
  },
};

/** What the environment says of webhooks. */
export type WebhooksRead = {
  readonly webhooks: readonly WebhookSettings[];
  readonly problems: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

const pattern = /^RONDA_WEBHOOK_([A-Z0-9_]+?)_(URL|SECRET|SECRET_NEXT)(?:_FILE)?$/;
/** Standard Webhooks has secrets of 24 to 64 bytes. */
const [minSecret, maxSecret] = [24, 64];

/**
 * The webhooks of `RONDA_WEBHOOK_<NAME>_URL`, `_SECRET` and `_SECRET_NEXT`, each also as `..._FILE`, the path of a file
 * that holds it. `NAME` is called `webhook:name` by routes, with `-` for `_`.
 * @returns with `problems` that say what to do, one for each bad setting
 */
export function readWebhooks(env: Environment): WebhooksRead {
  const problems: string[] = [];
  const valueOf = (setting: string): string | undefined => {
    const path = env[`${setting}_FILE`] ?? '';
    const value = env[setting] ?? '';
    if (value !== '' && path !== '') problems.push(`${setting}: is given twice, here and in ${setting}_FILE`);
    if (value !== '' || path === '') return value === '' ? undefined : value;
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      problems.push(`${setting}_FILE: cannot be read: ${reasonOf(error)}`);
      return undefined;
    }
  };
  const allowed = (env['RONDA_WEBHOOK_ALLOW_HOSTS'] ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase());
  const names = new Set(
    Object.entries(env).flatMap(([setting, value]) =>
      value === '' ? [] : (pattern.exec(setting)?.[1] ?? []),
    ),
  );
  const webhooks = [...names].toSorted().flatMap((name): WebhookSettings[] => {
    const setting = `RONDA_WEBHOOK_${name}`;
    const found = problems.length;
    const text = valueOf(`${setting}_URL`);
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
    const isAllowed = url !== undefined && allowed.includes(url.hostname.replace(/^\[|\]$/g, ''));
    if (url === undefined || !['https:', 'http:'].includes(url.protocol))
      problems.push(`${setting}_URL: must be an https:// address`);
    else if (url.protocol === 'http:' && !isAllowed)
      problems.push(
        `${setting}_URL: must begin with https://, unless RONDA_WEBHOOK_ALLOW_HOSTS names its host`,
      );
    else if (url.username !== '' || url.password !== '')
      problems.push(`${setting}_URL: must not carry a user or password`);
    const secrets = ['SECRET', 'SECRET_NEXT'].flatMap((what) => {
      const secret = valueOf(`${setting}_${what}`);
      if (secret === undefined && what === 'SECRET' && problems.length === found)
        problems.push(
          `${setting}_SECRET: is required with ${setting}_URL: whsec_ and 24 to 64 bytes in base64`,
        );
      if (secret === undefined) return [];
      const bytes = bytesOf(secret);
      if (bytes === undefined)
        problems.push(`${setting}_${what}: must be whsec_ and 24 to 64 bytes in base64`);
      return bytes ?? [];
    });
    const isSound = url !== undefined && problems.length === found;
    return isSound ? [{ name: name.toLowerCase().replaceAll('_', '-'), url, secrets, isAllowed }] : [];
  });
  return { webhooks, problems };
}

function bytesOf(secret: string): Buffer | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const bytes = base64 === undefined ? undefined : Buffer.from(base64, 'base64');
  return bytes !== undefined && bytes.length >= minSecret && bytes.length <= maxSecret ? bytes : undefined;
}
