import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { codeOf } from '../../errors.ts';

/** Whoever else can write where we read steers what we send; whoever makes us open a FIFO holds us for ever. */

const writableByOthers = 0o022;

const isOthers = ({ uid }: Stats): boolean => process.geteuid !== undefined && uid !== process.geteuid();

/** Why a directory is not to be used, in words; undefined: it may, or is not there. */
export async function distrustOf(folder: string): Promise<string | undefined> {
  try {
    const stats = await lstat(folder);
    if (stats.isSymbolicLink()) return 'is a symbolic link';
    if (!stats.isDirectory()) return 'is no directory';
    if (isOthers(stats)) return 'belongs to another user';
    if ((stats.mode & writableByOthers) !== 0) return 'can be written by others';
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? undefined : `cannot be looked at: ${code ?? String(error)}`;
  }
}

export type Read =
  | { readonly outcome: 'read'; readonly text: string }
  /** It has gone meanwhile, or cannot be read for now. */
  | { readonly outcome: 'unread' }
  /** It is no file of this user's alone. */
  | { readonly outcome: 'refused' };

/** Reads a small file of this user's. Links, FIFOs, devices and other users' files are refused, never waited for. */
export async function readOwnFile(path: string, maxBytes: number): Promise<Read> {
  const isOwn = (stats: Stats): boolean =>
    stats.isFile() && !isOthers(stats) && (stats.mode & writableByOthers) === 0 && stats.size <= maxBytes;
  try {
    // To open a device may already do something to it.
    if (!isOwn(await lstat(path))) return { outcome: 'refused' };
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(path, flags);
    try {
      if (!isOwn(await file.stat())) return { outcome: 'refused' };
      return { outcome: 'read', text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch {
    return { outcome: 'unread' };
  }
}

/** Writes a file that only this user may read, and waits until it is on the disk. @throws when there is one already */
export async function writeOwnFile(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
