import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { rulesIn, type PlannedMaintenance } from '../../../projections/rules.ts';
import { parseDuration } from '../../duration.ts';
import { UsageError } from '../../errors.ts';
import { ruleTypes } from '../../events/event.ts';
import { isUuid } from '../../events/fields.ts';
import { issuesByField } from '../../events/members.ts';
import { maintenance, maintenanceStream, type Maintenance } from '../../events/rules.ts';
import { msOf, utc } from '../../events/time.ts';
import { layRule, stampAfter } from '../../store/projections/lay-rule.ts';
import { readStream, readStreams } from '../../store/projections/rule-rows.ts';
import type { Store } from '../../store/store.ts';
import { inColumns } from '../../terminal.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext } from '../cli-context.ts';

const examples = `
Examples:
  $ ronda maintenance plan --service ledger --for 2h --reason 'new disks'
  $ ronda maintenance list
  $ ronda maintenance end 0b7a3b52-6f86-4a2c-9d0e-3f7f6d1c2a12
`;

/** `ronda maintenance`: times in which failures call nobody, and deadlines wait. */
export function addMaintenance(program: Command, cli: CliContext): void {
  const own = program
    .command('maintenance')
    .description('plan, list and end maintenance: failures inside call nobody, deadlines move to its end');
  own
    .command('plan')
    .description('plan one; a slot that is past already is judged as before')
    .option('--service <name>', 'for its schedulers; may be given again', collect, [])
    .option('--scheduler <id>', 'for this one; may be given again', collect, [])
    .option('--from <time>', 'ISO 8601 with offset or Z (default: now)')
    .option('--until <time>', 'likewise')
    .option('--for <duration>', 'or how long it lasts, like 90m or 2h')
    .requiredOption('--reason <text>', 'shown wherever it excuses something')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action((flags: PlanFlags) => cli.withConnection(({ store }) => plan(cli, store, flags)));
  own
    .command('list')
    .description('print what is planned and not over')
    .option('--all', 'what is over, too')
    .option('--json', 'print one JSON object a line')
    .action((flags: ListFlags) => cli.withConnection(({ store }) => list(cli, store, flags)));
  own
    .command('end')
    .argument('<id>', 'as "list" prints it')
    .description('end one now, or call it off')
    .option('--json', 'print one JSON object')
    .action((id: string, { json = false }: { json?: boolean }) =>
      cli.withConnection(({ store }) => end(cli, store, id, json)),
    );
  own.addHelpText('after', examples);
}

type PlanFlags = {
  readonly service: readonly string[];
  readonly scheduler: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly for?: string;
  readonly reason: string;
  readonly json?: boolean;
};
type ListFlags = { readonly all?: boolean; readonly json?: boolean };

async function plan(cli: CliContext, store: Store, flags: PlanFlags): Promise<void> {
  const now = store.clock.now();
  const value = planned(flags, now);
  const id = randomUUID();
  const by = cli.who();
  const text = JSON.stringify(value);
  const said = { scheduler_id: maintenanceStream(id), maintenance: text, by };
  await audited(cli, store, { act: 'maintenance plan', details: { id, maintenance: text } }, async () => {
    const content = ruleTypes.maintenance.contentOf(said, utc(now));
    const { event_id } = await layRule(store, content, { correlation_id: null, sender: by });
    const shown = { id, event_id, plannedAt: now, endedAt: null, by, value };
    cli.stdout.write(
      flags.json === true
        ? `${JSON.stringify(view(shown))}\n`
        : `Maintenance ${id} is planned from ${value.from} to ${value.until}.\n`,
    );
    return true;
  });
}

/** @throws UsageError that names every bad option */
function planned(flags: PlanFlags, now: number): Maintenance {
  const { service, scheduler, from = utc(now), until, for: span, reason } = flags;
  if ((until === undefined) === (span === undefined)) throw new UsageError('give --until or --for');
  const ms = span === undefined ? undefined : parseDuration(span);
  if (span !== undefined && ms === undefined)
    throw new UsageError('--for: must be a duration, like 90m or 2h');
  const start = Date.parse(from);
  const parsed = maintenance.safeParse({
    ...(scheduler.length === 0 ? {} : { scheduler_ids: scheduler }),
    ...(service.length === 0 ? {} : { services: service }),
    ...{ from, reason },
    until: ms === undefined || Number.isNaN(start) ? (until ?? from) : utc(start + ms),
  });
  if (parsed.success) return parsed.data;
  const issues = issuesByField(parsed.error).map((issue) => `--${issue}`);
  throw new UsageError(
    issues
      .join('\n')
      .replace(/^--scheduler_ids: or services is required$/m, '--service or --scheduler is required')
      .replaceAll(/^--scheduler_ids/gm, '--scheduler')
      .replaceAll(/^--services/gm, '--service'),
  );
}

async function list({ stdout, stderr }: CliContext, store: Store, { all, json }: ListFlags): Promise<void> {
  const { maintenances } = await readStreams(store, maintenanceStream(''));
  const now = store.clock.now();
  const isOver = ({ endedAt, value }: PlannedMaintenance): boolean =>
    endedAt !== null || msOf(value.until) <= now;
  const shown = maintenances
    .filter((one) => all === true || !isOver(one))
    .sort((a, b) => msOf(a.value.from) - msOf(b.value.from));
  if (json === true) for (const one of shown) stdout.write(`${JSON.stringify(view(one))}\n`);
  else if (shown.length === 0) stderr.write('No maintenance is planned.\n');
  else stdout.write(inColumns([heading, ...shown.map(cellsOf)]));
}

const heading = ['id', 'from', 'until', 'for', 'by', 'ended', 'reason'];

function cellsOf({ id, value, by, endedAt }: PlannedMaintenance): string[] {
  const { services = [], scheduler_ids = [], from, until, reason } = value;
  const whose = [...services, ...scheduler_ids].join(', ');
  return [id, from, until, whose, by ?? '-', endedAt === null ? '-' : utc(endedAt), reason];
}

async function end(cli: CliContext, store: Store, given: string, json: boolean): Promise<void> {
  if (!isUuid(given)) throw new UsageError('ID: must be a UUID');
  const id = given.toLowerCase();
  const stream = maintenanceStream(id);
  const rows = await readStream(store, stream);
  const [found] = rulesIn(rows).maintenances;
  if (found === undefined || found.endedAt !== null) {
    cli.stderr.write(found === undefined ? `There is no maintenance ${id}.\n` : `${id} is ended already.\n`);
    cli.exitWith(exit.wrong);
    return;
  }
  await audited(cli, store, { act: 'maintenance end', details: { id } }, async () => {
    const by = cli.who();
    const stamp = stampAfter(store.clock.now(), rows.at(-1));
    const content = ruleTypes.end_maintenance.contentOf({ scheduler_id: stream, by }, stamp);
    await layRule(store, content, { correlation_id: null, sender: by });
    const ended = view({ ...found, endedAt: msOf(stamp) });
    cli.stdout.write(json ? `${JSON.stringify(ended)}\n` : `Maintenance ${id} is ended.\n`);
    return true;
  });
}

/** As `GET /maintenance` answers. */
function view({ id, value, by, plannedAt, endedAt }: PlannedMaintenance) {
  return {
    ...{ id, ...value, by, planned_at: utc(plannedAt) },
    ended_at: endedAt === null ? null : utc(endedAt),
  };
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}
