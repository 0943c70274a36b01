import type { Expectation } from '../events/expectation.ts';
import { jobsOf, type Job } from './catalogue.ts';
import { dueMinute, expectationOf } from './expectations.ts';
import { errorOf, metadataOf } from './messages.ts';
import { randomFrom, type Random } from './random.ts';
import { nightLength, rolesOf, runsOf, stormOf, withSilentFaults, type Run } from './stories.ts';

export type Status = 'pending' | 'running' | 'completed' | 'failed';

/** What a service says, in the fields of the contract; `timestamp` is added when it is sent. */
export type FleetReport =
  | {
      readonly type: 'register';
      readonly scheduler_id: string;
      readonly service_name: string;
      readonly job_name: string;
      readonly owner_email: string;
      readonly alert_user_id: string | undefined;
      readonly heartbeat_timeout_minutes: number | undefined;
      readonly expectation: Expectation | undefined;
    }
  | {
      readonly type: 'status';
      readonly scheduler_id: string;
      readonly service_name: string;
      readonly job_name: string;
      readonly status: Status;
      readonly execution_time_ms?: number;
      readonly error_message?: string;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'heartbeat'; readonly scheduler_id: string };

export type FleetEvent = {
  /** When it is said, and what its timestamp says: ms UTC. */
  readonly at: number;
  readonly via: 'http' | 'sqs';
  readonly report: FleetReport;
};

export type FleetOptions = {
  /** A whole number; the same one gives the same night. */
  readonly seed: number;
  readonly schedulers?: number;
  /** When the night begins, ms UTC. */
  readonly start: number;
  /** How long it is, ms. Everything scales with it: another length than six hours is a night played faster. */
  readonly window?: number;
};

const hourMs = 3_600_000;
export const nightMs = 6 * hourMs;
/** Services come up, and register, from five minutes to one minute before the night. */
const registration = { from: -5, to: -1 } as const;

/** How long before a night of this length its first event may lie, ms. */
export function leadOf(window: number): number {
  return Math.ceil((-registration.from * window) / nightLength);
}

/**
 * What a fleet of services says in one night, in time order: registrations just before its start, everything
 * else in it. Begins are spread over the first three quarters, runs last 2 to 70 minutes (of a six-hour night).
 * A fleet of 40 always meets the same faults, whatever the seed: one job never starts; one falls silent and is
 * heard again an hour and a half later; one falls silent for good; five fail on their own, of which four recover
 * (one after a second failure, one late) and one does not; and twelve fail in a storm of six minutes, of which
 * eight recover. A larger fleet has no more faults than that, and of a smaller one at most half meet any.
 *
 * Each job says when it is due, where the night passes as clocks do. So of a fleet of 40 or more the job that never starts
 * is late, one begins 45 minutes late, and one completes too soon with nothing done: neither says that anything is wrong.
 */
export function fleetNight({ seed, schedulers = 40, start, window = nightMs }: FleetOptions): FleetEvent[] {
  const random = randomFrom(seed);
  const jobs = jobsOf(random, schedulers);
  const roles = withSilentFaults(rolesOf(random, schedulers), jobs);
  const storm = stormOf(random);
  const instant = (minutes: number): number => start + Math.round((minutes * window) / nightLength);
  const events = jobs.flatMap((job, n) => {
    const role = roles[n] ?? 'sound';
    const runs = runsOf(role, job, storm, random);
    // A schedule is of clocks: it means nothing where a night passes faster than they do.
    const expectation = window === nightMs ? expectationOf(job, instant(dueMinute(role, runs))) : undefined;
    return eventsOf({ ...job, expectation }, runs, random, instant);
  });
  return events.sort((a, b) => a.at - b.at);
}

/** From minutes of the night to ms UTC. */
type Instant = (minutes: number) => number;

type ExpectedJob = Job & { readonly expectation: Expectation | undefined };

function eventsOf(job: ExpectedJob, runs: readonly Run[], random: Random, instant: Instant): FleetEvent[] {
  const registeredAt = instant(random.between(registration.from, registration.to));
  const queuedAt = queuedAtOf(runs[0], random);
  return [
    { at: registeredAt, via: job.via, report: registrationOf(job) },
    ...(queuedAt === undefined ? [] : [statusEvent(job, 'pending', instant(queuedAt))]),
    ...runs.flatMap((run) => runEvents(job, run, random, instant)),
  ];
}

function registrationOf(job: ExpectedJob): FleetReport {
  const { scheduler_id, service_name, job_name, owner_email, alert_user_id, heartbeat_timeout_minutes } = job;
  const { expectation } = job;
  return {
    type: 'register',
    scheduler_id,
    service_name,
    job_name,
    owner_email,
    alert_user_id,
    heartbeat_timeout_minutes,
    expectation,
  };
}

/** Half of the services also say that a job waits; one that never starts has said at least this. */
function queuedAtOf(first: Run | undefined, random: Random): number | undefined {
  if (first === undefined) return random.between(1, 60);
  return first.begin > 6 && random.chance(0.5) ? first.begin - random.between(1, 5) : undefined;
}

function runEvents(job: Job, run: Run, random: Random, instant: Instant): FleetEvent[] {
  const { via, scheduler_id } = job;
  const beats = beatsOf(job, run, random).map((minutes): FleetEvent => ({
    at: instant(minutes),
    via,
    report: { type: 'heartbeat', scheduler_id },
  }));
  const took = instant(run.end) - instant(run.begin);
  const running = statusEvent(job, 'running', instant(run.begin));
  switch (run.outcome) {
    case 'lost':
      return [running, ...beats];
    case 'completed':
      return [
        running,
        ...beats,
        statusEvent(job, 'completed', instant(run.end), details(took, random, run.isEmpty)),
      ];
    case 'failed': {
      const error_message = errorOf(job, run.inStorm ?? false, random);
      const failure = { ...details(took, random), error_message };
      return [running, ...beats, statusEvent(job, 'failed', instant(run.end), failure)];
    }
  }
}

type Details = Pick<
  Extract<FleetReport, { type: 'status' }>,
  'execution_time_ms' | 'error_message' | 'metadata'
>;

function details(execution_time_ms: number, random: Random, isEmpty = false): Details {
  return { execution_time_ms, metadata: metadataOf(random, isEmpty) };
}

function statusEvent(job: Job, status: Status, at: number, given: Details = {}): FleetEvent {
  const { via, scheduler_id, service_name, job_name } = job;
  return { at, via, report: { type: 'status', scheduler_id, service_name, job_name, status, ...given } };
}

/** Not closer than this to the run's other reports, so that even a night of a minute keeps them apart. */
const apart = 0.5;

/** When a run is heard: every two to four minutes, more slowly where the time-out allows it. */
function beatsOf(job: Job, { begin, end, staleJob }: Run, random: Random): number[] {
  const every = job.heartbeat_timeout_minutes === undefined ? random.pick([2, 3, 4]) : 5;
  const beats: number[] = [];
  let at = begin + every;
  while (at < end - apart) {
    const isStale = staleJob !== undefined && at >= staleJob.from && at < staleJob.until;
    if (!isStale) beats.push(at);
    // What ends a silence is its first heartbeat, at its own time.
    const next = at + every * random.between(0.9, 1.1);
    at = staleJob !== undefined && at < staleJob.until && next > staleJob.until ? staleJob.until : next;
  }
  return beats;
}
