import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { Mark } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';

/** A running job that has not been heard for too long. `lastSign` names the silence: one warning for each. */
export type Silence = { readonly lastSign: Mark; readonly timeoutMs: number };

export type SilenceRule = {
  /** Up to when everything that was sent has surely been read, Ronda's time; null: nothing can be judged. */
  readonly judgedAt: number | null;
  /** Since when there has been somebody to hear, Ronda's time: earlier silence proves nothing. */
  readonly heardSince: number;
  readonly defaultTimeoutMs: number;
  readonly night: Night;
};

/**
 * Whether a running job is silent: it has given no sign of life (heartbeat or status) for longer than its
 * time-out, at some instant of the window up to which can be judged. What began before the window counts too,
 * however old, so a job that died nights ago is found. After the window's end the verdict stands as it was
 * then, until the job is heard again.
 * @returns null where there is nothing to warn of
 */
export function silenceOf(row: CurrentState, rule: SilenceRule): Silence | null {
  const { status, heartbeat: lastSign } = row;
  if (rule.judgedAt === null || lastSign === null || status?.status !== 'running') return null;
  if (membership(row) === 'removed') return null;
  const minutes = row.registration?.heartbeat_timeout_minutes ?? null;
  const timeoutMs = minutes === null ? rule.defaultTimeoutMs : minutes * 60_000;
  const deadline = Math.max(msOf(lastSign.at), rule.heardSince) + timeoutMs;
  const judged = Math.min(rule.judgedAt, rule.night.end);
  return judged >= rule.night.start && judged > deadline ? { lastSign, timeoutMs } : null;
}

/** The silences among many schedulers, by id. */
export function silencesOf(rows: Iterable<CurrentState>, rule: SilenceRule): Map<string, Silence> {
  const silences = new Map<string, Silence>();
  for (const row of rows) {
    const silence = silenceOf(row, rule);
    if (silence !== null) silences.set(row.scheduler_id, silence);
  }
  return silences;
}
