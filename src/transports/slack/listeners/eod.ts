import type { App } from '@slack/bolt';
import { z } from 'zod';
import { assertNever } from '../../../events/assert-never.ts';
import type { Cell } from '../../../night/board.ts';
import type { BoardSpec } from '../../../night/boards.ts';
import type { Content } from '../content.ts';
import { boardOfChannel, readSchedulers, type Found } from '../board-queries.ts';
import {
  renderAcknowledged,
  renderChoices,
  renderNotFound,
  renderSnoozed,
  renderProblem,
  renderUnsnoozed,
  renderUsage,
} from '../render/eod.ts';
import { jobLabel } from '../render/labels.ts';
import { answer } from './answers.ts';
import { boardDue, boardNow, boardThen, partOfBoard, readNow } from './board-answers.ts';
import { parseCommand, type Command } from './command.ts';
import { personOf, queueCommand } from './user-commands.ts';
import { snoozeEnd } from './instants.ts';
import { aboutScheduler, type ListenerContext } from './listener-context.ts';
import { planMaintenance } from './maintenance.ts';
import { matchJobs } from './matching.ts';

export const commandName = '/eod';

/** What Slack sends of a command. https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
const payload = z.object({
  text: z.string().default(''),
  user_id: z.string().min(1),
  user_name: z.string().optional(),
  channel_id: z.string(),
  trigger_id: z.string().min(1),
});
type Asked = z.infer<typeof payload> & {
  /** When it was asked, ms UTC, Ronda's time. */
  readonly now: number;
  readonly spec: BoardSpec;
};

/** `/eod` and its variants, answered to the asker alone. */
export function registerEod(app: App, listener: ListenerContext): void {
  app.command(commandName, ({ command, ack, respond }) =>
    listener.work.run('a command', () => answer(ack, respond, reply(listener, command))),
  );
}

/** Never rejects: whatever went wrong is answered. */
async function reply(listener: ListenerContext, command: unknown): Promise<Content> {
  try {
    const asked = payload.parse(command);
    const spec = boardOfChannel(listener, asked.channel_id);
    return await obey(listener, parseCommand(asked.text), { ...asked, now: listener.clock.now(), spec });
  } catch (error) {
    listener.log.warn({ err: error }, 'a command could not be carried out');
    return renderProblem('the tables did not answer. Try again in a minute.');
  }
}

async function obey(listener: ListenerContext, command: Command, asked: Asked): Promise<Content> {
  switch (command.do) {
    case 'board':
      return await boardNow(listener, asked);
    case 'board-at':
      return await boardThen(listener, command, asked);
    case 'board-of':
      return await partOfBoard(listener, asked, command.state, ({ state }) => state === command.state);
    case 'board-due':
      return await boardDue(listener, asked);
    case 'scheduler':
      return await jobOrService(listener, command.job, asked);
    case 'snooze':
      return await ofOne(listener, command.job, `${commandName} snooze`, (found) =>
        snooze(listener, found, command, asked),
      );
    case 'unsnooze':
      return await ofOne(listener, command.job, `${commandName} unsnooze`, (found) =>
        unsnooze(listener, found, asked),
      );
    case 'acknowledge':
      return await ofOne(listener, command.job, `${commandName} ack`, (found) =>
        acknowledge(listener, found, asked),
      );
    case 'maintenance':
      return await planMaintenance(listener, {
        ...command,
        now: asked.now,
        by: personOf(asked.user_name, asked.user_id),
        act: actOf(asked),
        zone: asked.spec.zone,
      });
    case 'help':
      return renderUsage();
    case 'unclear':
      return renderProblem(command.why);
    default:
      return assertNever(command);
  }
}

/** What is called like a service with several jobs is that part of the board, else the job. */
async function jobOrService(listener: ListenerContext, text: string, asked: Asked): Promise<Content> {
  const wanted = text.trim().toLowerCase();
  const { board } = await readNow(listener, asked.spec);
  const isOfIt = ({ service_name }: Cell): boolean => service_name.trim().toLowerCase() === wanted;
  const isJob = board.cells.some(
    ({ scheduler_id, job_name }) => scheduler_id === text || job_name.trim().toLowerCase() === wanted,
  );
  if (!isJob && board.cells.filter(isOfIt).length > 1)
    return await partOfBoard(listener, asked, text, isOfIt);
  return await ofOne(listener, text, commandName, (found) => aboutScheduler(listener, found));
}

/** @param prefix what to write before an id, where a name is not enough */
async function ofOne(
  listener: ListenerContext,
  job: string,
  prefix: string,
  act: (found: Found) => Promise<Content>,
): Promise<Content> {
  const schedulers = await readSchedulers(listener);
  const byId = new Map(schedulers.map((found) => [found.cell.scheduler_id, found]));
  const matches = matchJobs(
    job,
    schedulers.map(({ cell }) => cell),
  );
  const [match] = matches;
  const found = match === undefined ? undefined : byId.get(match.scheduler_id);
  if (found === undefined) return renderNotFound(job);
  return matches.length > 1 ? renderChoices(job, matches, prefix) : await act(found);
}

async function snooze(
  listener: ListenerContext,
  { cell }: Found,
  command: Extract<Command, { do: 'snooze' }>,
  asked: Asked,
): Promise<Content> {
  const { now, spec } = asked;
  const until = snoozeEnd(command.until, now, spec.zone);
  const done = await queued(listener, asked, { do: 'snooze', scheduler_id: cell.scheduler_id, until });
  return done ?? renderSnoozed({ ...cell, until, now, zone: spec.zone });
}

/** A snooze that is over as it begins: of several the latest counts. */
async function unsnooze(listener: ListenerContext, { cell }: Found, asked: Asked): Promise<Content> {
  const wanted = { do: 'snooze', scheduler_id: cell.scheduler_id, until: asked.now } as const;
  return (await queued(listener, asked, wanted)) ?? renderUnsnoozed(cell);
}

async function acknowledge(listener: ListenerContext, { row, cell }: Found, asked: Asked): Promise<Content> {
  const { scheduler_id } = cell;
  if (row.failed === null) return renderProblem(`${jobLabel(cell)} has no failure to acknowledge.`);
  const userCommand = { do: 'acknowledge', scheduler_id, failure_event_id: row.failed.id } as const;
  return (await queued(listener, asked, userCommand)) ?? renderAcknowledged(cell);
}

type Wanted =
  | { readonly do: 'acknowledge'; readonly scheduler_id: string; readonly failure_event_id: string }
  | { readonly do: 'snooze'; readonly scheduler_id: string; readonly until: number };

/** Slack's own name of a command. */
function actOf({ trigger_id }: Pick<Asked, 'trigger_id'>): string {
  return `slack-command ${trigger_id}`;
}

/** Slack gives a command no time, and never sends one twice; so its time is that of its arrival. */
async function queued(
  { publisher, clock, log }: ListenerContext,
  { user_id, user_name, trigger_id, now }: Asked,
  wanted: Wanted,
): Promise<Content | undefined> {
  const userCommand = {
    ...wanted,
    by: personOf(user_name, user_id),
    at: now,
    act: actOf({ trigger_id }),
  };
  try {
    await queueCommand(publisher, clock, userCommand);
    log.info({ scheduler_id: wanted.scheduler_id, user: user_id }, `${wanted.do} asked for in Slack`);
    return undefined;
  } catch (error) {
    log.warn({ err: error, scheduler_id: wanted.scheduler_id }, `${wanted.do} could not be queued`);
    return renderProblem(notSaved);
  }
}

export const notSaved =
  'it is not saved, the queue did not take it. Try again in a moment; twice does no harm.';
