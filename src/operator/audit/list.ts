import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { instantOf } from '../moment.ts';
import { inColumns } from '../../terminal.ts';
import type { AuditOptions } from './options.ts';
import { readRecords, type AuditRecord } from './records.ts';

/** What `ronda audit` does. */
export async function list(
  { stdout, stderr, exitWith }: CliContext,
  { store }: CliConnection,
  { from, limit, json }: AuditOptions,
): Promise<void> {
  const records: AuditRecord[] = [];
  let unreadable = 0;
  // Acts are dated by the machine's clock, whatever Ronda's time is.
  const since = from === undefined ? undefined : instantOf(from, store.clock.real());
  for await (const record of readRecords(store, { from: since, pageSize: Math.min(limit, 1_000) })) {
    if (record === undefined) unreadable += 1;
    else records.push(record);
    if (records.length === limit) break;
  }
  if (json) for (const record of records) stdout.write(`${JSON.stringify(record)}\n`);
  else if (records.length > 0) stdout.write(inColumns([heading, ...records.map(cellsOf)]));
  if (records.length === 0) stderr.write('There is no record.\n');
  if (unreadable === 0) return;
  stderr.write(`${unreadable} cannot be read: a newer version of Ronda left them, or they are damaged.\n`);
  exitWith(exit.wrong);
}

const heading = ['time', 'by', 'act', 'outcome', 'details'];

function cellsOf({ at, by, act, outcome, details }: AuditRecord): string[] {
  const pairs = Object.entries(details).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [at, by, act, outcome, pairs.join(' ')];
}
