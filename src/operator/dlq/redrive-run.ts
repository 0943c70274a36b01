import { readMessage } from '../../queue/message.ts';
import { createPublisher } from '../../queue/publisher.ts';
import type { QueueName } from '../../queue/topology.ts';
import { noticeKey } from '../../store/alerts/alert-rows.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext } from '../cli-context.ts';
import { printable } from '../../printable.ts';
import { liveLine, progressText } from '../../terminal.ts';
import { editBody, type Edited, type Editor } from './edit.ts';
import { deadLetterText, type DeadLetter } from './dead-letter.ts';
import { choiceOf, matcherOf, type RedriveChoice } from './options.ts';
import { redrive, type Redriven } from './redrive.ts';
import { count, type Work } from './work.ts';

/** What `ronda dlq redrive` does; with an editor, each body goes through it. */
export async function runRedrive(
  { cli, connection, dead }: Work,
  chosen: RedriveChoice,
  editor: Editor | undefined,
): Promise<void> {
  const { stdout, stderr } = cli;
  const { clock, sqs, queues } = connection;
  const { QUEUE: queue, dryRun, json } = chosen;
  const signal = cli.stopAsked();
  const live = createPublisher(sqs.send, queues[queue].url);
  const began = clock.real();
  const { waiting } = await dead.depth();
  const line = liveLine(stderr, clock);
  const columns = stdout.columns ?? 100;
  const show = (deadLetter: DeadLetter): string =>
    deadLetterText(deadLetter, { queue, now: clock.real(), full: false, columns });
  const go = async (note: (more: { redriven: number }) => void): Promise<Redriven> => {
    let sent = 0;
    const outcome = await redrive(dead, {
      live,
      matches: matcherOf(chosen),
      ids: chosen.id === undefined ? undefined : new Set(chosen.id),
      limit: chosen.limit,
      dryRun,
      began,
      edit: editor && ((deadLetter) => edited(deadLetter, editor)),
      signal,
      sent: (deadLetter) => {
        sent += 1;
        note({ redriven: sent });
        if (dryRun && !json) stdout.write(show(deadLetter));
        else line.show(() => progressText('redriven', sent, waiting, clock.real() - began));
      },
      stays: ({ id }, why) => {
        line.clear();
        stderr.write(`${printable(id)} stays: ${printable(why)}\n`);
      },
    }).finally(async () => {
      line.clear();
      await live.close();
      if (signal.aborted && !dryRun) stderr.write(`Stopped after ${count(sent)}.\n`);
    });
    report(cli, outcome, { dryRun, json, queue });
    if (signal.aborted) cli.exitWith(exit.stopped);
    return outcome;
  };
  if (dryRun) await go(() => undefined);
  else
    await audited(cli, connection.store, { act: 'dlq redrive', details: choiceOf(chosen) }, async (note) => {
      const { redriven, failed } = await go(note);
      note({ failed, complete: !signal.aborted });
      return redriven > 0;
    });

  async function edited(deadLetter: DeadLetter, by: Editor): Promise<Edited> {
    line.clear();
    stderr.write(show(deadLetter));
    return editBody(deadLetter, by, (body) => faultsOf(queue, deadLetter, body));
  }
}

/** Why whoever reads the queue would refuse a body. */
function faultsOf(queue: QueueName, { delivery }: DeadLetter, body: string): readonly string[] {
  if (queue === 'events') {
    const read = readMessage({ ...delivery, body });
    return read.ok ? [] : read.issues;
  }
  try {
    return noticeKey.safeParse(JSON.parse(body)).success ? [] : ['it is no notice: {night, message_key}'];
  } catch {
    return ['body: must be JSON'];
  }
}

function report(
  { stdout, stderr, exitWith }: CliContext,
  { redriven, skipped, failed, arrived, stuck, missing }: Redriven,
  { dryRun, json, queue }: { dryRun: boolean; json: boolean; queue: QueueName },
): void {
  const summary = { dry_run: dryRun, redriven, skipped, failed, arrived, missing };
  stdout.write(
    json
      ? `${JSON.stringify(summary)}\n`
      : `${count(redriven)} ${dryRun ? 'would be redriven' : 'redriven'}, ${skipped} skipped, ${failed} failed.\n`,
  );
  if (arrived > 0)
    stderr.write(
      `${count(arrived)} came since this began and may be some of these: "ronda dlq list ${queue}" says why.\n`,
    );
  if (stuck > 0)
    stderr.write(
      `${count(stuck)} were sent but could not be taken out: redriving them again changes nothing.\n`,
    );
  for (const id of missing) stderr.write(`${printable(id)}: no such message was found.\n`);
  if (failed + missing.length > 0) exitWith(exit.wrong);
}
