import { notRegistered, statusVerdict, verdictOf, type Verdict } from './delivery.ts';
import { messageOf, type Ask } from './http-client.ts';
import { dropSpool, readSpool, trim, type SpoolFile } from './spool.ts';

export type DrainOptions = {
  readonly folder: string;
  readonly ask: Ask;
  /** Ronda's time, ms UTC. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onRefused: (file: SpoolFile, reason: string) => void;
  /** Called once, with what stands in the spool and is not read. */
  readonly onDistrusted: (names: readonly string[]) => void;
};

const maxEvents = 100;
/** Ronda takes 1 MiB. */
const maxBytes = 900_000;
/**
 * Sends what earlier runs could not, a hundred in a request so that it costs the key little of its rate. It stops
 * at the first failure: whatever stays is the next run's. Two runs that do so at once do no harm, since a report
 * sent twice is one.
 * @returns how many were sent
 */
export async function drainSpool(options: DrainOptions): Promise<number> {
  const { folder, ask, now, signal, onRefused, onDistrusted } = options;
  await trim(folder, now);
  const { files, refused } = await readSpool(folder);
  if (refused.length > 0) onDistrusted(refused);
  let sent = 0;
  for (const batch of batchesOf(files)) {
    if (signal.aborted) break;
    const verdicts = await sendBatch(ask, batch, signal);
    if (verdicts === undefined) break;
    const unknown = batch.filter((_file, n) => verdicts[n]?.outcome === 'unknown');
    const again = await registerAndSend(ask, unknown, signal);
    for (const [n, file] of batch.entries()) {
      const verdict = again.get(file) ?? verdicts[n];
      if (verdict?.outcome === 'refused') onRefused(file, verdict.reason);
      if (verdict?.outcome === 'sent') sent += 1;
      if (verdict?.outcome === 'sent' || verdict?.outcome === 'refused') await dropSpool(folder, file);
    }
  }
  return sent;
}

/** As many as one request may hold. */
export function batchesOf(files: readonly SpoolFile[]): SpoolFile[][] {
  const batches: SpoolFile[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    const size = Buffer.byteLength(elementOf(file)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length === maxEvents || bytes + size > maxBytes) {
      batches.push([file]);
      bytes = size;
    } else {
      last.push(file);
      bytes += size;
    }
  }
  return batches;
}

function elementOf({ item }: SpoolFile): string {
  return JSON.stringify({ type: 'status', ...item.report });
}

/** @returns what became of each; undefined: of none anything */
async function sendBatch(
  ask: Ask,
  files: readonly SpoolFile[],
  signal: AbortSignal,
): Promise<Verdict[] | undefined> {
  const answer = await ask('POST', '/events', `[${files.map(elementOf).join(',')}]`, signal);
  if (!answer.answered || answer.status !== 207) return undefined;
  const results = jsonOf(answer.text);
  if (!Array.isArray(results) || results.length !== files.length) return undefined;
  const verdicts = results.map((result: unknown) => resultVerdict(result));
  return verdicts.every((verdict) => verdict !== undefined) ? verdicts : undefined;
}

/** Of one element of the answer; undefined for what is none of Ronda's. */
function resultVerdict(result: unknown): Verdict | undefined {
  if (typeof result !== 'object' || result === null || !('status' in result)) return undefined;
  const { status } = result;
  return typeof status === 'number' ? statusVerdict(status, messageOf(JSON.stringify(result))) : undefined;
}

/** The second try of those whose schedulers Ronda did not know. */
async function registerAndSend(
  ask: Ask,
  files: readonly SpoolFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<SpoolFile, Verdict>> {
  const registered = new Map<string, Verdict>();
  const ends = new Map<SpoolFile, Verdict>();
  const ready: SpoolFile[] = [];
  for (const file of files) {
    const { registration } = file.item;
    if (registration === null) {
      ends.set(file, notRegistered);
      continue;
    }
    const id = registration.scheduler_id;
    const known = registered.get(id) ?? (await register(ask, registration, signal));
    registered.set(id, known);
    if (known.outcome === 'sent') ready.push(file);
    else ends.set(file, known);
  }
  const verdicts = ready.length === 0 ? [] : ((await sendBatch(ask, ready, signal)) ?? []);
  for (const [n, file] of ready.entries()) {
    const verdict = verdicts[n];
    if (verdict !== undefined) ends.set(file, verdict);
  }
  return ends;
}

async function register(ask: Ask, registration: unknown, signal: AbortSignal): Promise<Verdict> {
  return verdictOf(await ask('POST', '/schedulers/register', JSON.stringify(registration), signal));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
