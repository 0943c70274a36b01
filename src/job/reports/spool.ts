import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { msOf } from '../../events/time.ts';
import { report } from './reports.ts';

const registration = z.looseObject({ scheduler_id: z.string() });

/** A report that waits for its Ronda, and how its scheduler may be registered, if it may. */
const spooled = z.object({ v: z.literal(1), report, registration: registration.nullable() });
export type Spooled = Omit<z.infer<typeof spooled>, 'v'>;

/** A file of the spool: its name, and what it holds unless that cannot be read. */
export type SpoolFile = { readonly name: string; readonly item: Spooled };

const maxFiles = 1_000;
/** Well within what Ronda keeps of history, so that what arrives late still shows. */
const maxAgeMs = 7 * 86_400_000;
const fileName = /^(\d{15})-[0-9a-f-]{36}\.json$/;

/** Where reports wait: one folder for each Ronda. */
export function spoolFolder(env: Readonly<Record<string, string | undefined>>, url: string): string {
  const chosen = env['RONDA_SPOOL_DIR'] ?? '';
  const state = env['XDG_STATE_HOME'] ?? '';
  const root =
    chosen !== '' ? chosen : join(state !== '' ? state : join(homedir(), '.local', 'state'), 'ronda');
  return join(root, createHash('sha256').update(url).digest('hex').slice(0, 16));
}

/**
 * Keeps reports for a later run, so that a crash leaves whole ones or none. They may hold the end of a job's
 * output, hence for nobody else's eyes. Beyond 1,000, or a week, the oldest go.
 * @param now ms UTC, of the clock that stamped the reports
 * @returns how many old ones had to go
 */
export async function putSpool(folder: string, items: readonly Spooled[], now: number): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { report, registration } of items) {
    const name = `${String(msOf(report.timestamp)).padStart(15, '0')}-${report.event_id}.json`;
    const temporary = join(folder, `${name}.new`);
    await writeFile(temporary, JSON.stringify({ v: 1, report, registration }), { mode: 0o600, flush: true });
    await rename(temporary, join(folder, name));
  }
  return await trim(folder, now);
}

/** The reports that wait, oldest first. Files that are not ours or not to be read are passed over. */
export async function readSpool(folder: string): Promise<SpoolFile[]> {
  const files: SpoolFile[] = [];
  for (const name of await namesIn(folder)) {
    const item = await readOne(join(folder, name));
    if (item !== undefined) files.push({ name, item });
  }
  return files;
}

export async function dropSpool(folder: string, { name }: Pick<SpoolFile, 'name'>): Promise<void> {
  await rm(join(folder, name), { force: true });
}

/** Takes away what is too old or too much. @param now ms UTC @returns how many went */
export async function trim(folder: string, now: number): Promise<number> {
  const names = await namesIn(folder);
  const gone = names.filter(
    (name, n) => n < names.length - maxFiles || Number(name.slice(0, 15)) < now - maxAgeMs,
  );
  for (const name of gone) await dropSpool(folder, { name });
  return gone.length;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => fileName.test(name)).sort();
  } catch {
    // Nothing has ever waited here; if it cannot be read, it cannot be written either, which is told then.
    return [];
  }
}

async function readOne(path: string): Promise<Spooled | undefined> {
  try {
    const { report, registration } = spooled.parse(JSON.parse(await readFile(path, 'utf8')));
    return { report, registration };
  } catch {
    // Another run has sent it, or a newer version of Ronda wrote it and will send it.
    return undefined;
  }
}
