import { createClock } from '../../clock.ts';
import { UsageError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { exit, type CliContext } from '../cli-context.ts';
import type { Ask } from '../keys/ask.ts';
import type { Flags } from './command.ts';
import { upstreamsIn } from './circles.ts';
import { openApi, readLive, type Api } from './live.ts';
import { planOf, type Step } from './plan.ts';
import { planText } from './text.ts';
import { circleIssues, readFiles, readWanted } from './wanted.ts';

/** What `ronda apply` does. */
export async function run(cli: CliContext, ask: Ask, paths: readonly string[], flags: Flags): Promise<void> {
  const { stdout, stderr, exitWith } = cli;
  const wanted = await readWanted(await readFiles(paths));
  const api = openApi(cli.env, createClock(), cli.stopAsked());
  const live = await readLive(api, wanted.calendars.size > 0);
  const circles = circleIssues(wanted, (id) => upstreamsIn(live.schedulers.get(id)));
  if (circles.length > 0) throw new UsageError(circles.join('\n'));

  const steps = planOf(wanted, live);
  const { dryRun = false, json = false, yes = false } = flags;
  if (!json) stdout.write(planText(steps));
  const isMeant = steps.length > 0 && !dryRun && (yes || (await ask(questionOf(steps))));
  const refused = isMeant ? await carryOut(api, steps) : new Map<Step, string>();
  if (json) stdout.write(`${JSON.stringify(resultOf(steps, refused, isMeant))}\n`);
  for (const [{ kind, id }, why] of refused) stderr.write(`${kind} ${id}: ${printable(why)}\n`);
  if (isMeant && !json) stdout.write(`${steps.length - refused.size} of ${steps.length} done.\n`);
  if (!isMeant && !dryRun && steps.length > 0) stderr.write('Nothing was changed.\n');
  if (refused.size > 0 || (!isMeant && !dryRun && steps.length > 0)) exitWith(exit.wrong);
}

function questionOf(steps: readonly Step[]): string {
  const created = steps.filter(({ isNew }) => isNew).length;
  return `Create ${created} and change ${steps.length - created}?`;
}

/**
 * Sends the steps. What waits for another that is still to change may look like a circle until that is done, so it is
 * tried again as long as anything else goes on.
 * @returns the steps that were refused, with why
 */
async function carryOut(api: Api, steps: readonly Step[]): Promise<Map<Step, string>> {
  let left = steps;
  for (;;) {
    const refused = new Map<Step, string>();
    for (const step of left) {
      const why = await send(api, step);
      if (why !== undefined) refused.set(step, why);
    }
    const again = [...refused.values()].some((why) => why.includes('must not lead back to itself'));
    if (!again || refused.size === left.length) return refused;
    left = [...refused.keys()];
  }
}

async function send(api: Api, { kind, id, body }: Step): Promise<string | undefined> {
  return kind === 'calendar'
    ? await api.send('PUT', `/calendars/${encodeURIComponent(id)}`, body)
    : await api.send('POST', '/schedulers/register', body);
}

function resultOf(steps: readonly Step[], refused: ReadonlyMap<Step, string>, applied: boolean) {
  const shown = steps.map((step) => ({
    ...{ kind: step.kind, id: step.id },
    changes: step.changes.map(({ field, from, to }) => ({ field, from: from ?? null, to: to ?? null })),
    ...(refused.has(step) ? { refused: refused.get(step) } : {}),
    isNew: step.isNew,
  }));
  const part = (isNew: boolean) =>
    shown.filter((one) => one.isNew === isNew).map(({ isNew: _, ...one }) => one);
  return { applied, created: part(true), changed: part(false) };
}
