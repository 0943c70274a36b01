import type { Command } from 'commander';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { exit, type CliContext, type CliConnection } from '../cli-context.ts';
import { instantOf, moment } from '../moment.ts';
import { inColumns } from '../../terminal.ts';
import { readRecords, type AuditRecord } from './records.ts';

const given = z.object({
  from: moment.optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
    .transform(Number)
    .default(100),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof given>;

const examples = `
Examples:
  $ ronda audit --from 7d
  $ ronda audit --limit 20 --json
`;

/** `ronda audit`. */
export function addAudit(program: Command, cli: CliContext): void {
  program
    .command('audit')
    .description('print what operators have done, newest first: who, when, what')
    .option('--from <time>', 'ISO 8601, or how long ago, like 2h; inclusive')
    .option('--limit <n>', 'at most so many (default: 100)')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action((flags: Record<string, unknown>) => {
      const parsed = given.safeParse(flags);
      if (!parsed.success) {
        const problems = parsed.error.issues.map(({ path: [at], message }) => `--${String(at)}: ${message}`);
        throw new UsageError(problems.join('\n'));
      }
      return cli.withConnection((connection) => run(cli, connection, parsed.data));
    });
}

async function run(
  { stdout, stderr, exitWith }: CliContext,
  { store }: CliConnection,
  { from, limit, json }: Options,
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
