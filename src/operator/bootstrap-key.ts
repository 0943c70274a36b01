import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import { UsageError } from '../errors.ts';
import { newPlainKey } from '../store/keys/api-keys.ts';

/**
 * The key that is accepted from the start: the setting; on the embedded engines, without the setting, one that
 * is made once and kept beside their data, readable by its owner alone. `made`: to be shown to the user.
 * @throws UsageError when the data directory cannot be written, or holds a key file without a key
 */
export function bootstrapKeyOf(settings: Settings): { key: string; made?: string } | undefined {
  const { RONDA_BOOTSTRAP_API_KEY: given, RONDA_BACKEND, RONDA_DATA_DIR } = settings;
  if (given !== undefined) return { key: given };
  if (RONDA_BACKEND === 'aws') return undefined;
  const key = RONDA_DATA_DIR === ':memory:' ? newPlainKey() : keptKey(RONDA_DATA_DIR);
  return { key, made: key };
}

/** What the setting demands of a key that is given. */
const minKeyLength = 16;

function keptKey(dataDir: string): string {
  const file = join(dataDir, 'api-key');
  try {
    mkdirSync(dataDir, { recursive: true });
    // Created exclusively: of two processes that start at once, one makes the key and both read it.
    writeFileSync(file, `${newPlainKey()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!existsSync(file))
      throw new UsageError(`RONDA_DATA_DIR: ${dataDir} cannot be written: ${why}`, { cause });
  }
  const key = readFileSync(file, 'utf8').trim();
  // A file that was made but never filled must not open the door to an empty key.
  if (key.length < minKeyLength)
    throw new UsageError(`${file} holds no API key: delete it, and one is made.`);
  return key;
}
