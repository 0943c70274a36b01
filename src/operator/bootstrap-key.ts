import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config.ts';
import { newPlainKey } from '../store/api-keys.ts';

/**
 * The key that is accepted from the start: the setting; on the embedded engines, without the setting, one that
 * is made once and kept beside their data, readable by its owner alone. `made`: to be shown to the user.
 */
export function bootstrapKeyOf(settings: Settings): { key: string; made?: string } | undefined {
  const { RONDA_BOOTSTRAP_API_KEY: given, RONDA_BACKEND, RONDA_DATA_DIR } = settings;
  if (given !== undefined) return { key: given };
  if (RONDA_BACKEND === 'aws') return undefined;
  const key = RONDA_DATA_DIR === ':memory:' ? newPlainKey() : keptKey(RONDA_DATA_DIR);
  return { key, made: key };
}

function keptKey(dataDir: string): string {
  const file = join(dataDir, 'api-key');
  mkdirSync(dataDir, { recursive: true });
  try {
    // Created exclusively: of two processes that start at once, one makes the key and both read it.
    writeFileSync(file, `${newPlainKey()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
