import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { distrustOf, readOwnFile, writeOwnFile } from './own-files.ts';
import { isReport, isShaped, type Report } from './reports.ts';

/** A report that waits for its Ronda, and how its scheduler may be registered, if it may. */
export type Spooled = { readonly report: Report; readonly registration: Registration | null };
type Registration = { readonly scheduler_id: string; readonly [member: string]: unknown };

/** A file of the spool: its name, and what it holds. */
export type SpoolFile = { readonly name: string; readonly item: Spooled };

/** Where reports wait: `root` is what the environment names, `folder` in it is of one Ronda alone. */
export type Spool = { readonly root: string; readonly folder: string };

const maxFiles = 1_000;
/** Well within what Ronda keeps of history, so that what arrives late still shows. */
const maxAgeMs = 7 * 86_400_000;
const fileName = /^(\d{15})-[0-9a-f-]{36}\.json$/;
/** What a crash may leave while it writes. */
const anyName = /^\d{15}-[0-9a-f-]{36}\.json(?:\.new)?$/;
/** 8,000 characters of error, as JSON at its longest, and all the rest. */
const maxFileBytes = 128 * 1_024;

/**
 * The spool of a Ronda, which need not exist yet; undefined where the environment names no place and this user has
 * no home, as in many a container.
 */
export function spoolOf(
  env: Readonly<Record<string, string | undefined>>,
  url: string,
  home: () => string = homedir,
): Spool | undefined {
  const chosen = env['RONDA_SPOOL_DIR'] ?? '';
  const root = chosen !== '' ? chosen : defaultRoot(env['XDG_STATE_HOME'] ?? '', home);
  if (root === undefined) return undefined;
  return { root, folder: join(root, createHash('sha256').update(url).digest('hex').slice(0, 16)) };
}

function defaultRoot(state: string, home: () => string): string | undefined {
  if (isAbsolute(state)) return join(state, 'ronda');
  try {
    const at = home();
    return isAbsolute(at) ? join(at, '.local', 'state', 'ronda') : undefined;
  } catch {
    // No HOME and no entry in the user database: https://nodejs.org/api/os.html#oshomedir
    return undefined;
  }
}

/** Why a spool is not to be used, in words; undefined: it may. What is not there yet is ours to make. */
export async function refusalOf({ root, folder }: Spool): Promise<string | undefined> {
  for (const path of [root, folder]) {
    const distrust = await distrustOf(path);
    if (distrust !== undefined) return `${path} ${distrust}`;
  }
  return undefined;
}

/**
 * Keeps reports for a later run, so that a crash leaves whole ones or none. They may hold the end of a job's
 * output, hence for nobody else's eyes. Beyond 1,000, or a week, the oldest go.
 * @param now ms UTC, of the clock that stamped the reports
 * @returns how many old ones had to go
 * @throws Error when the spool is not to be trusted or cannot be written
 */
export async function putSpool(spool: Spool, items: readonly Spooled[], now: number): Promise<number> {
  const { folder } = spool;
  const before = await refusalOf(spool);
  if (before === undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  const refusal = before ?? (await refusalOf(spool));
  if (refusal !== undefined) throw new Error(refusal);
  for (const { report, registration } of items) {
    const name = `${String(Date.parse(report.timestamp)).padStart(15, '0')}-${report.event_id}.json`;
    const temporary = join(folder, `${name}.new`);
    await writeOwnFile(temporary, JSON.stringify({ v: 1, report, registration }));
    await rename(temporary, join(folder, name));
  }
  return await trim(folder, now);
}

/**
 * The reports that wait, oldest first, and the names of what stands among them and is no file of this user's alone.
 * What cannot be understood is passed over.
 */
export async function readSpool(folder: string): Promise<{ files: SpoolFile[]; refused: string[] }> {
  const files: SpoolFile[] = [];
  const refused: string[] = [];
  for (const name of await namesIn(folder, fileName)) {
    const read = await readOwnFile(join(folder, name), maxFileBytes);
    if (read.outcome === 'refused') refused.push(name);
    const item = read.outcome === 'read' ? spooledOf(read.text) : undefined;
    if (item !== undefined) files.push({ name, item });
  }
  return { files, refused };
}

/** Takes away a file that was sent. It never fails. */
export async function dropSpool(folder: string, { name }: Pick<SpoolFile, 'name'>): Promise<void> {
  // Another run may have done so; a directory of that name is not for us to take away.
  await unlink(join(folder, name)).catch(() => undefined);
}

/** Takes away what is too old or too much. @param now ms UTC @returns how many went */
export async function trim(folder: string, now: number): Promise<number> {
  const names = await namesIn(folder, anyName);
  const gone = names.filter(
    (name, n) => n < names.length - maxFiles || Number(name.slice(0, 15)) < now - maxAgeMs,
  );
  for (const name of gone) await dropSpool(folder, { name });
  return gone.length;
}

async function namesIn(folder: string, form: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => form.test(name)).sort();
  } catch {
    // Nothing has ever waited here; if it cannot be read, it cannot be written either, which is told then.
    return [];
  }
}

const isRegistration = (value: unknown): value is Registration =>
  isShaped(value, { scheduler_id: (id) => typeof id === 'string' });

/** Undefined for what a newer version of Ronda wrote, which will send it, and for what is broken. */
function spooledOf(text: string): Spooled | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isShaped(value, { v: (v) => v === 1 }) || !('report' in value) || !('registration' in value))
      return undefined;
    const { report, registration } = value;
    if (!isReport(report)) return undefined;
    return registration === null || isRegistration(registration) ? { report, registration } : undefined;
  } catch {
    return undefined;
  }
}
