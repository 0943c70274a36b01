import { randomUUID } from 'node:crypto';
import { pause, type Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import { createAsk, type Ask } from '../operator/http-client.ts';
import { drainSpool } from './reports/drain.ts';
import type { Host } from './process/host.ts';
import { startJob, type RunningJob } from './process/job.ts';
import { nameOf, type RunOptions } from './options.ts';
import { createRemarks, type Remarks } from './remarks.ts';
import { askWithoutKey, startReporter, type Reporter } from './reports/reporter.ts';
import {
  endingText,
  endReport,
  registrationOf,
  runningReport,
  type Ending,
  type Report,
} from './reports/reports.ts';
import { putSpool, spoolFolder } from './reports/spool.ts';
import { failureText } from './output/tail.ts';

export type RunContext = {
  /** Event times are Ronda's, all waiting is real. */
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
};

/** A signal that ended the job may reach us a little later: within this it is not meant for us. Real ms. */
const echoMs = 1_000;

/**
 * Runs a job and reports on it: that it runs, that it lives, how it ended. Whatever Ronda's trouble is, the job
 * runs as it would without us, and what could not be reported is kept for the next run.
 * @returns how the job ended
 */
export async function runJob(options: RunOptions, { clock, env, host }: RunContext): Promise<Ending> {
  const { url, key } = options;
  const remarks = createRemarks(host.stderr, options.json);
  const ask: Ask = key === undefined ? askWithoutKey : createAsk(url, key, clock);
  const reporter = startReporter(options, ask, remarks);
  const stop = new AbortController();
  let job: RunningJob | undefined;
  let endedAt: number | undefined;
  const callOff = host.onSignal((signal, handOn) => {
    if (endedAt === undefined && handOn) job?.kill(signal);
    if (endedAt !== undefined && clock.real() - endedAt >= echoMs) stop.abort();
  });
  try {
    job = startJob(options.command, options.args, host, options.capture);
    const spool = startDrain(spoolFolder(env, url), ask, remarks, clock);
    const onEnd = (): void => {
      endedAt = clock.real();
    };
    const watching = { clock, host, remarks, stop: stop.signal, onEnd };
    const { ending, last } = await follow(job, reporter, options, watching);
    const [kept] = await Promise.all([
      reporter.close(options.patienceMs, stop.signal),
      spool.close(options.patienceMs, stop.signal),
      job.passedOn(stop.signal),
    ]);
    const isKept = await keep(kept, spool.folder, options, remarks, clock);
    remarks.summary({
      scheduler_id: last.scheduler_id,
      status: last.status,
      execution_time_ms: last.execution_time_ms,
      ...last.metadata,
      ...reporter.counts(),
      kept: isKept ? kept.length : 0,
      lost: isKept ? 0 : kept.length,
      sent_from_spool: await spool.sent,
    });
    return ending;
  } finally {
    callOff();
  }
}

/** How long a report waits for the end of the output, if whoever reads it is slow. Real ms. */
const tailWaitMs = 2_000;

type Watching = Pick<RunContext, 'clock' | 'host'> & {
  readonly remarks: Remarks;
  readonly stop: AbortSignal;
  readonly onEnd: () => void;
};

/** Reports on a job from its beginning to its end. */
async function follow(
  job: RunningJob,
  reporter: Reporter,
  { job: names, command, heartbeatMs }: RunOptions,
  { clock, host, remarks, stop, onEnd }: Watching,
): Promise<{ ending: Ending; last: Report }> {
  const began = clock.now();
  const told = { job: names, host: host.name, command: nameOf(command) };
  const beating = new AbortController();
  const isStarted = await job.started;
  if (isStarted) {
    reporter.report(runningReport({ ...told, eventId: randomUUID() }, began));
    void beat(heartbeatMs, beating.signal, () => {
      reporter.heartbeat(utc(clock.now()));
    });
  }
  const ending = await job.ended;
  const at = clock.now();
  onEnd();
  beating.abort();
  const isOut = new AbortController();
  await Promise.race([job.passedOn(stop), pause(tailWaitMs, AbortSignal.any([stop, isOut.signal]))]);
  isOut.abort();
  if (ending.how === 'not started') remarks.once('not started', ending.reason);
  const error = failureText(endingText(ending), job.tail());
  const from = isStarted ? began : undefined;
  const last = endReport({ ...told, eventId: randomUUID() }, ending, { from, at, error });
  reporter.report(last);
  return { ending, last };
}

async function beat(everyMs: number, signal: AbortSignal, say: () => void): Promise<void> {
  if (everyMs === 0) return;
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    say();
  }
}

/** Begins to send what earlier runs kept. */
function startDrain(folder: string, ask: Ask, remarks: Remarks, clock: Clock) {
  const over = new AbortController();
  const sent = drainSpool({
    folder,
    ask,
    now: clock.now(),
    signal: over.signal,
    onRefused: ({ item: { report } }, reason) => {
      const { scheduler_id, status, timestamp } = report;
      remarks.once(
        `refused ${report.event_id}`,
        `Ronda ${reason}; "${status}" of ${scheduler_id} at ${timestamp}, kept until now, is dropped.`,
      );
    },
  }).catch((error: unknown) => {
    remarks.once('spool', `what is kept in ${folder} cannot be sent: ${reasonOf(error)}.`);
    return 0;
  });
  return {
    folder,
    sent,
    /** Lets it go on for so long, or until the signal. Real ms. */
    close: async (patienceMs: number, stop: AbortSignal): Promise<void> => {
      await Promise.race([sent, pause(patienceMs, AbortSignal.any([stop, over.signal]))]);
      over.abort();
      await sent;
    },
  };
}

/** @returns whether what could not be sent is in the spool */
async function keep(
  reports: readonly Report[],
  folder: string,
  { job, register, heartbeatMs }: RunOptions,
  remarks: Remarks,
  clock: Clock,
): Promise<boolean> {
  if (reports.length === 0) return true;
  const registration = register ? registrationOf(job, heartbeatMs) : null;
  const what = `${reports.length === 1 ? '1 report' : `${reports.length} reports`} of ${job.scheduler_id}`;
  try {
    const gone = await putSpool(
      folder,
      reports.map((report) => ({ report, registration })),
      clock.now(),
    );
    remarks.once('kept', `${what} kept in ${folder} for the next "ronda run".`);
    if (gone > 0)
      remarks.once('gone', `${gone} of the reports kept there were too old or too many, and are gone.`);
    return true;
  } catch (error) {
    remarks.once('lost', `${what} lost, they cannot be kept: ${reasonOf(error)}.`);
    return false;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
