import type { Night } from './night.ts';

export type JobName = {
  readonly scheduler_id: string;
  readonly service_name: string;
  readonly job_name: string;
};

/** What is to be said of a night when it is over. Instants are ms UTC in Ronda's time, durations ms. */
export type Summary = {
  readonly night: Night;
  /** How many schedulers there were, and how many of them stand at completed. */
  readonly schedulers: number;
  readonly completed: number;
  /** Of the runs of this night. */
  readonly firstStart: number | null;
  readonly lastEnd: number | null;
  readonly totalRunTime: number;
  /** The longest first, at most five. */
  readonly longest: readonly (JobName & { readonly duration: number })[];
  /** Every failure of the night, oldest first, and when the job completed after it. */
  readonly failures: readonly (JobName & {
    readonly at: number;
    readonly error: string | null;
    readonly recoveredAt: number | null;
  })[];
  readonly neverStarted: readonly JobName[];
  readonly stillRunning: readonly (JobName & { readonly since: number; readonly stale: boolean })[];
};
