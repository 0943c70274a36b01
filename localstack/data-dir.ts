import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { UsageError } from '../src/errors.ts';

/** The data directory that is none: nothing outlives the process. */
export const inMemory = ':memory:';

/** What a second engines process on one directory says; its supervisor knows it by these words. */
export const inUse = 'is in use by other engines';

/**
 * Makes a data directory unless it is there; nobody but its owner may look into it.
 * @throws UsageError if that is impossible
 */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // One that an older program made, or that was made by hand, holds the same secrets.
    if (statSync(dataDir).uid === process.getuid?.()) chmodSync(dataDir, 0o700);
  } catch (cause) {
    throw notWritable(dataDir, cause);
  }
}

export function notWritable(dataDir: string, cause: unknown): UsageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UsageError(`RONDA_DATA_DIR: ${dataDir} cannot be written: ${why}`, { cause });
}
