import { signalIn } from '../process/signals.ts';

/** What a job is called. */
export type Job = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
};

/** How a job ended. `reason`: why it could not even be started. */
export type Ending =
  /** `lost`: the job itself ended well, but its output could not be written, and why; `code` is ours then. */
  | { readonly how: 'exited'; readonly code: number; readonly lost?: string }
  | { readonly how: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly how: 'not started'; readonly code: 126 | 127; readonly reason: string };

/** A status as docs/http.md has it, in the form in which it is sent and spooled: sending it again changes nothing. */
export type Report = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
  readonly status: 'running' | 'completed' | 'failed';
  readonly timestamp: string;
  readonly event_id: string;
  readonly execution_time_ms?: number;
  readonly error_message?: string;
  readonly metadata: {
    readonly runner: 'ronda run';
    readonly host: string;
    readonly command: string;
    readonly exit_code?: number;
    readonly signal?: string;
  };
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isMaybe =
  (type: 'string' | 'number') =>
  (value: unknown): boolean =>
    value === undefined || typeof value === type;
const reportShape = {
  scheduler_id: isText,
  service_name: isText,
  job_name: isText,
  status: (value: unknown) => value === 'running' || value === 'completed' || value === 'failed',
  timestamp: (value: unknown) => isText(value) && !Number.isNaN(Date.parse(value)),
  event_id: isText,
  execution_time_ms: isMaybe('number'),
  error_message: isMaybe('string'),
  metadata: (value: unknown) =>
    isShaped(value, {
      host: isText,
      command: isText,
      exit_code: isMaybe('number'),
      signal: isMaybe('string'),
    }),
};

/** Whether a value is an object whose members are what each test asks for. Pure. */
export function isShaped(
  value: unknown,
  shape: Readonly<Record<string, (member: unknown) => boolean>>,
): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(shape).every(([name, test]) => test(Reflect.get(value, name)));
}

/** Whether a value read from a spool is a report, as far as it must be to be sent. Pure. */
export function isReport(value: unknown): value is Report {
  return isShaped(value, reportShape);
}

/** Of a command its name alone is told: its arguments may hold secrets. */
type ReportedJob = {
  readonly job: Job;
  readonly host: string;
  readonly command: string;
  readonly eventId: string;
};

/** An instant (ms UTC) as a report has it: ISO 8601, UTC, milliseconds. */
export function utc(ms: number): string {
  return new Date(ms).toISOString();
}

/** @param at Ronda's time, ms UTC */
export function runningReport({ job, host, command, eventId }: ReportedJob, at: number): Report {
  return {
    ...job,
    status: 'running',
    timestamp: utc(at),
    event_id: eventId,
    metadata: { runner: 'ronda run', host, command },
  };
}

/**
 * @param from when it began, undefined if it never did; @param at when it ended: Ronda's time, ms UTC
 * @param error what to say of a failure
 */
export function endReport(
  { job, host, command, eventId }: ReportedJob,
  ending: Ending,
  { from, at, error }: { readonly from: number | undefined; readonly at: number; readonly error: string },
): Report {
  const isGood = ending.how === 'exited' && ending.code === 0;
  // A clock that was set back must not make the end lie before the beginning: Ronda would show it running.
  const end = Math.max(at, from ?? at);
  return {
    ...job,
    status: isGood ? 'completed' : 'failed',
    timestamp: utc(end),
    event_id: eventId,
    ...(from === undefined ? {} : { execution_time_ms: end - from }),
    ...(isGood ? {} : { error_message: error }),
    metadata: {
      runner: 'ronda run',
      host,
      command,
      ...(ending.how === 'killed' ? { signal: ending.signal } : { exit_code: ending.code }),
    },
  };
}

/** In words. @param isUnseen the output should have been seen, and was not. Pure. */
export function endingText(ending: Ending, isUnseen: boolean): string {
  return isUnseen
    ? `${plainText(ending)}\n(its output is unknown: no pipe could be made for it)`
    : plainText(ending);
}

function plainText(ending: Ending): string {
  switch (ending.how) {
    case 'exited': {
      if (ending.lost !== undefined)
        return `exit code 0, but its output could not be written: ${ending.lost}`;
      const signal = signalIn(ending.code);
      return signal === undefined ? `exit code ${ending.code}` : `exit code ${ending.code} (${signal})`;
    }
    case 'killed':
      return `killed by ${ending.signal}`;
    case 'not started':
      return ending.reason;
  }
}

/** Ronda takes silence for longer than this for a fault, unless a registration says otherwise. */
const defaultTimeoutMinutes = 10;
const maxTimeoutMinutes = 1_440;

/**
 * The registration of a scheduler that Ronda does not know. It allows for two heartbeats that go missing.
 * @param heartbeatMs 0: none are sent, so silence means nothing for as long as can be asked for
 */
export function registrationOf(job: Job, heartbeatMs: number) {
  const minutes = heartbeatMs === 0 ? maxTimeoutMinutes : Math.ceil((3 * heartbeatMs) / 60_000);
  return minutes <= defaultTimeoutMinutes ? job : { ...job, heartbeat_timeout_minutes: minutes };
}
