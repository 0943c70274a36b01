import { z } from 'zod';
import { utc } from '../../events/time.ts';

/** What a job is called. */
export type Job = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
};

/** How a job ended. `reason`: why it could not even be started. */
export type Ending =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly how: 'not started'; readonly code: 126 | 127; readonly reason: string };

const metadata = z.object({
  runner: z.literal('ronda run'),
  host: z.string(),
  command: z.string(),
  exit_code: z.number().optional(),
  signal: z.string().optional(),
});

/** A status as docs/http.md has it, in the form in which it is sent and spooled: sending it again changes nothing. */
export const report = z.object({
  scheduler_id: z.string(),
  service_name: z.string(),
  job_name: z.string(),
  status: z.enum(['running', 'completed', 'failed']),
  timestamp: z.string(),
  event_id: z.string(),
  execution_time_ms: z.number().optional(),
  error_message: z.string().optional(),
  metadata,
});
export type Report = z.infer<typeof report>;

/** Of a command its name alone is told: its arguments may hold secrets. */
type Told = { readonly job: Job; readonly host: string; readonly command: string; readonly eventId: string };

/** @param at Ronda's time, ms UTC */
export function runningReport({ job, host, command, eventId }: Told, at: number): Report {
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
  { job, host, command, eventId }: Told,
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

export function endingText(ending: Ending): string {
  switch (ending.how) {
    case 'exited':
      return `exit code ${ending.code}`;
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
