import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../src/errors.ts';
import { inUse, makeDataDir, notWritable } from './data-dir.ts';

const SQLITE_BUSY = 5;

/**
 * Holds a data directory, made if absent, until released or until this process ends in whatever way.
 * SQLite's file lock is the operating system's, so a killed process leaves nothing behind. LevelDB has such
 * a lock too, but dynalite meets it as an uncaught error, and fauxqs has none: two of them on one directory
 * would each overwrite the other's queues.
 * @throws UsageError if the directory is held already or cannot be written
 */
export function lockDataDir(dataDir: string): { readonly release: () => void } {
  makeDataDir(dataDir);
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(join(dataDir, 'engines.lock'), { timeout: 0 });
    const held = file;
    held.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return {
      release: () => {
        held.close();
      },
    };
  } catch (cause) {
    file?.close();
    if (!(cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY)) {
      throw notWritable(dataDir, cause);
    }
    throw new UsageError(`${dataDir} ${inUse}: stop them, or set RONDA_DATA_DIR to another directory`, {
      cause,
    });
  }
}
