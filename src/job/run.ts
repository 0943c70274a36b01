import { randomUUID } from 'node:crypto';
import { pause, within, type Clock } from '../clock.ts';
import { commandName, type RunOptions } from './options.ts';
import { isBrokenPipe } from './output/pipe-output.ts';
import { redacted } from './output/redact.ts';
import { createTail, failureText, type Tail } from './output/tail.ts';
import type { Bytes, Caller } from './process/caller.ts';
import type { Host } from './process/host.ts';
import { startJob, type RunningJob } from './process/job.ts';
import { endsProcesses, exitCodeOf } from './process/signals.ts';
import { createWarnings, type Warnings } from './warnings.ts';
import { openBacklog } from './reports/backlog.ts';
import { createAsk, type Ask } from './reports/http-client.ts';
import { askWithoutKey, startReporter, type Reporter } from './reports/reporter.ts';
import { endingText, endReport, registrationOf, runningReport, utc } from './reports/reports.ts';
import type { Ending, Report } from './reports/reports.ts';

export type RunContext = {
  /** Event times are Ronda's, all waiting is real. */
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
};

/** A signal that ended the job may reach us a little later: within this it is not meant for us. Real ms. */
const echoMs = 1_000;
/** Remarks that nobody takes hold nobody for longer. Real ms. */
const remarkMs = 1_000;

/**
 * Runs a job and reports on it: that it runs, that it lives, how it ended. Whatever fails in Ronda, and here, the
 * job runs as it would without us, and what could not be reported is kept for the next run.
 * @returns how the job ended
 * @throws UsageError before it is begun
 */
export async function runJob(options: RunOptions, { clock, env, host }: RunContext): Promise<Ending> {
  const { command, args, key, capture } = options;
  const caller = host.caller();
  const [name = '', ...argBytes] = host.bytesOf([command, ...args]);
  const warnings = createWarnings(host.outputs.err, options.json);
  const tail = capture ? createTail(key) : undefined;
  const stop = new AbortController();
  let job: RunningJob | undefined;
  let endedAt: number | undefined;
  const callOff = host.onSignal((signal, handOn) => {
    if (endedAt === undefined && handOn) job?.kill(signal);
    const isMeant = endedAt !== undefined && clock.monotonic() - endedAt >= echoMs;
    if (isMeant && endsProcesses(signal)) stop.abort();
  });
  try {
    job = startJob({
      command: name,
      args: argBytes,
      env: environmentFor(caller.env, options),
      caller,
      outputs: host.outputs,
      tail,
    });
    const watched: Watched = {
      job,
      tail,
      stop: stop.signal,
      onEnd: () => {
        endedAt = clock.monotonic();
      },
    };
    const reported = reportOn(watched, options, { clock, env, host, warnings });
    // A fault of ours is reported; the job, which runs, is waited for all the same.
    const ending = await reported.catch(async (error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      warnings.once('fault', `the job is not reported on, by a fault of Ronda's: ${reason}`);
      return await endOf(watched);
    });
    await within(remarkMs, warnings.flushed());
    return ending;
  } finally {
    callOff();
  }
}

/** Whoever can read a job's environment, or the output of a job that prints it, is not to have our key. */
function environmentFor(
  env: Caller['env'],
  { key, passKey }: Pick<RunOptions, 'key' | 'passKey'>,
): Caller['env'] {
  if (passKey) return env;
  const isKey = (value: Bytes): boolean => key !== undefined && key.length >= 16 && value.trim() === key;
  return env.filter(([name, value]) => name !== 'RONDA_API_KEY' && !isKey(value));
}

type Reporting = RunContext & { readonly warnings: Warnings };

type Watched = {
  readonly job: RunningJob;
  readonly tail: Tail | undefined;
  readonly stop: AbortSignal;
  readonly onEnd: () => void;
};

/**
 * How it ended, after all that it wrote is written on, or the signal. Output that was lost is no success: without us
 * it would have met the error itself.
 */
async function endOf({ job, stop, onEnd }: Watched): Promise<Ending> {
  const ending = await job.ended;
  onEnd();
  const isOut = new AbortController();
  const out = job.finish().finally(() => {
    isOut.abort();
  });
  await Promise.race([out, pause(2 ** 31 - 1, AbortSignal.any([stop, isOut.signal]))]);
  const lost = job.failure();
  if (lost === undefined || ending.how !== 'exited' || ending.code !== 0) return ending;
  return { how: 'exited', code: isBrokenPipe(lost) ? exitCodeOf('SIGPIPE') : 1, lost: lost.message };
}

/** Reports on a job from its beginning to its end, and on what earlier runs could not report. */
async function reportOn(watched: Watched, options: RunOptions, context: Reporting): Promise<Ending> {
  const { url, key, job, register, heartbeatMs, maxWaitMs } = options;
  const { clock, env, warnings } = context;
  const ask: Ask = key === undefined ? askWithoutKey : createAsk(url, key, clock, env);
  const backlog = openBacklog({ env, url, ask, warnings, clock });
  const reporter = startReporter(options, ask, warnings);
  const { ending, last } = await follow(watched, options, reporter, context);
  const [left, sentFromSpool] = await Promise.all([
    reporter.close(maxWaitMs, watched.stop),
    backlog.close(maxWaitMs, watched.stop),
  ]);
  const isKept = await backlog.keep(left, register ? registrationOf(job, heartbeatMs) : null);
  warnings.summary({
    scheduler_id: last.scheduler_id,
    status: last.status,
    execution_time_ms: last.execution_time_ms,
    ...last.metadata,
    ...reporter.counts(),
    kept: isKept ? left.length : 0,
    lost: isKept ? 0 : left.length,
    sent_from_spool: sentFromSpool,
  });
  return ending;
}

async function follow(
  watched: Watched,
  { job: names, command, heartbeatMs, key, capture }: RunOptions,
  reporter: Reporter,
  { clock, host, warnings }: Reporting,
): Promise<{ ending: Ending; last: Report }> {
  const { job, tail } = watched;
  const began = clock.now();
  const common = { job: names, host: host.name, command: redacted(commandName(command), key) };
  const beating = new AbortController();
  const isStarted = await job.started;
  if (isStarted) {
    reporter.report(runningReport({ ...common, eventId: randomUUID() }, began));
    void beat(heartbeatMs, beating.signal, () => {
      reporter.heartbeat(utc(clock.now()));
    });
  }
  let at = began;
  const onEnd = (): void => {
    at = clock.now();
    watched.onEnd();
  };
  const ending = await endOf({ ...watched, onEnd });
  beating.abort();
  if (ending.how === 'not started') warnings.once('not started', ending.reason);
  const error = failureText(endingText(ending, capture && !job.isCaptured), tail?.bytes(), key);
  const from = isStarted ? began : undefined;
  const last = endReport({ ...common, eventId: randomUUID() }, ending, { from, at, error });
  reporter.report(last);
  return { ending, last };
}

async function beat(everyMs: number, signal: AbortSignal, send: () => void): Promise<void> {
  if (everyMs === 0) return;
  for (;;) {
    await pause(everyMs, signal);
    if (signal.aborted) return;
    send();
  }
}
