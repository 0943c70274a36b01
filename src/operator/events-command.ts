import type { Command } from 'commander';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { eventTypes, type EventType, type RecordedEvent } from '../events/event.ts';
import { schedulerId } from '../events/fields.ts';
import { lastKeyAt } from '../events/order.ts';
import { isReportType, reportTypes } from '../events/reports.ts';
import { endOfKeys, hasEvents, readBetween } from '../store/events/event-store.ts';
import { exit, type CliContext, type CliConnection } from './cli-context.ts';
import { eventHeading, eventJson, eventText } from './event-text.ts';
import { instantOf, moment } from './moment.ts';
import { printable } from '../printable.ts';
import { liveLine, progressText } from '../terminal.ts';

/** Under these names services report them. */
const names = reportTypes.filter(isReportType);

const given = z.object({
  ID: schedulerId,
  from: moment.optional(),
  to: moment.optional(),
  type: z.array(z.enum(names, { error: `must be one of ${names.join(', ')}` })).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
    .transform(Number)
    .optional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});
type EventsOptions = z.infer<typeof given>;

const defaultLimit = 100;

const examples = `
Exit code 1 when there is no such scheduler.

Examples:
  $ ronda events payroll --from 2h
  $ ronda events payroll --type status --type acknowledge --limit 20
  $ ronda events payroll --all --json
`;

/** `ronda events`. */
export function addEvents(program: Command, cli: CliContext): void {
  program
    .command('events')
    .description('print the stored events of a scheduler, oldest first')
    .argument('<id>', 'the scheduler')
    .option('--from <time>', 'ISO 8601, or how long ago, like 2h; inclusive')
    .option('--to <time>', 'likewise')
    .option('--type <type>', `one of ${names.join(', ')}; may be repeated`, repeated)
    .option('--limit <n>', 'at most so many, the newest (default: 100)')
    .option('--all', 'all of them, however many')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
    .action((ID: string, flags: Record<string, unknown>) => {
      const options = readOptions({ ID, ...flags });
      return cli.withConnection((connection) => run(cli, connection, options));
    });
}

function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function readOptions(flags: Readonly<Record<string, unknown>>): EventsOptions {
  const parsed = given.safeParse(flags);
  const problems = (parsed.error?.issues ?? []).map(({ path: [at], message }) => {
    const name = String(at);
    return `${name === 'ID' ? name : `--${name}`}: ${message}`;
  });
  if (flags['all'] === true && flags['limit'] !== undefined)
    problems.push('--all, --limit: only one of them');
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join('\n'));
  return parsed.data;
}

async function run(cli: CliContext, { store, clock }: CliConnection, options: EventsOptions): Promise<void> {
  const { stdout, stderr } = cli;
  const { ID, all, json } = options;
  const now = clock.now();
  const from = options.from === undefined ? '' : instantOf(options.from, now);
  const to = options.to === undefined ? undefined : instantOf(options.to, now);
  if (to !== undefined && from > to)
    throw new UsageError('--from, --to: the first must not lie after the second');
  const wanted = new Set<EventType>((options.type ?? names).map((name) => eventTypes[name].type));
  const stop = cli.stopAsked();
  const line = liveLine(stderr, clock);
  const began = clock.monotonic();
  const print = (recorded: RecordedEvent): void => {
    stdout.write(`${json ? eventJson(recorded) : eventText(recorded)}\n`);
  };
  const heading = (): void => {
    if (!json) stdout.write(`${eventHeading}\n`);
  };

  const last = newest(options.limit ?? defaultLimit);
  let [read, found] = [0, 0];
  for await (const recorded of readBetween(store, ID, from, to === undefined ? endOfKeys : lastKeyAt(to))) {
    if (stop.aborted) break;
    read += 1;
    if (!wanted.has(recorded.event.type)) continue;
    found += 1;
    if (!all) {
      last.add(recorded);
      line.show(() => progressText('events read', read, 0, clock.monotonic() - began));
    } else {
      if (found === 1) heading();
      print(recorded);
    }
  }
  line.clear();
  if (stop.aborted) cli.exitWith(exit.stopped);
  if (found === 0) {
    const known = read > 0 || (await hasEvents(store, ID));
    stderr.write(known ? 'No such event.\n' : `No event of a scheduler ${printable(ID)}.\n`);
    if (!known) cli.exitWith(exit.wrong);
    return;
  }
  if (all) return;
  const shown = last.inOrder();
  heading();
  for (const recorded of shown) print(recorded);
  if (found > shown.length)
    stderr.write(`${found - shown.length} older ones are not shown: --limit, --from or --all.\n`);
}

/** Keeps the last so many of what it is given, and no more. */
function newest(limit: number): {
  readonly add: (recorded: RecordedEvent) => void;
  readonly inOrder: () => RecordedEvent[];
} {
  const ring: RecordedEvent[] = [];
  let added = 0;
  return {
    add: (recorded) => {
      ring[added % limit] = recorded;
      added += 1;
    },
    inOrder: () => [...ring.slice(added % limit), ...ring.slice(0, added % limit)],
  };
}
