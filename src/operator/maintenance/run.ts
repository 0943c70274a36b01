import { randomUUID } from 'node:crypto';
import { rulesIn, type PlannedMaintenance } from '../../../projections/rules.ts';
import { parseDuration } from '../../duration.ts';
import { UsageError } from '../../errors.ts';
import { ruleTypes } from '../../events/event.ts';
import { isUuid } from '../../events/fields.ts';
import { issuesByField } from '../../events/members.ts';
import { maintenance, maintenanceStream, type Maintenance } from '../../events/rules.ts';
import { msOf, utc } from '../../events/time.ts';
import { recordRule, stampAfter } from '../../store/projections/record-rule.ts';
import { readStream, readStreams } from '../../store/projections/rule-rows.ts';
import type { Store } from '../../store/store.ts';
import { inColumns } from '../../terminal.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext } from '../cli-context.ts';
import type { ListFlags, PlanFlags } from './command.ts';

/** What `ronda maintenance plan` does. */
export async function plan(cli: CliContext, store: Store, flags: PlanFlags): Promise<void> {
  const now = store.clock.now();
  const value = planned(flags, now);
  const id = randomUUID();
  const by = cli.who();
  const text = JSON.stringify(value);
  const said = { scheduler_id: maintenanceStream(id), maintenance: text, by };
  await audited(cli, store, { act: 'maintenance plan', details: { id, maintenance: text } }, async () => {
    const content = ruleTypes.maintenance.contentOf(said, utc(now));
    const { event_id } = await recordRule(store, content, { correlation_id: null, sender: by });
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

/** What `ronda maintenance list` does. */
export async function list(
  { stdout, stderr }: CliContext,
  store: Store,
  { all, json }: ListFlags,
): Promise<void> {
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

/** What `ronda maintenance end` does. */
export async function end(cli: CliContext, store: Store, given: string, json: boolean): Promise<void> {
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
    await recordRule(store, content, { correlation_id: null, sender: by });
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
