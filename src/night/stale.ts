import { membership, type CurrentState } from '../../projections/current-state.ts';
import type { Mark } from '../events/order.ts';
import { msOf } from '../events/time.ts';
import type { Night } from './night.ts';

/**
 * A running job that has given no sign of life for longer than its time-out. `lastSign` names the silence: one
 * warning for each. `since`: when the time-out ran out, Ronda's time, ms UTC.
 */
export type Silence = { readonly lastSign: Mark; readonly timeoutMs: number; readonly since: number };

export type SilenceRule = {
  /** Up to when everything that was sent has surely been read, Ronda's time; null: nothing can be judged. */
  readonly judgedAt: number | null;
  /** Since when there has been somebody to hear, Ronda's time: earlier silence proves nothing. */
  readonly heardSince: number;
  readonly defaultTimeoutMs: number;
  readonly night: Night;
  /** Schedulers with events that are received but not applied yet, and since when (UTC): none is judged past that. */
  readonly unapplied?: ReadonlyMap<string, string> | undefined;
};

/**
 * Whether a running job is silent: it has given no sign of life (heartbeat or status) for longer than its
 * time-out, at some instant of the window up to which can be judged. A sign counts from when it was given or when
 * it was accepted, whichever is later: a report that comes late proves no silence. What began before the window
 * counts too, however old, so a job that died nights ago is found. After the window's end the verdict stands as it
 * was then, until the job is heard again. A time-out of 0 says that the job sends no heartbeats: it is never stale.
 * @returns null where there is nothing to warn of
 */
export function silenceOf(row: CurrentState, rule: SilenceRule): Silence | null {
  const { status, heartbeat: lastSign } = row;
  if (rule.judgedAt === null || lastSign === null || status?.status !== 'running') return null;
  if (membership(row) === 'removed') return null;
  const minutes = row.heartbeat_timeout_minutes?.value ?? null;
  if (minutes === 0) return null;
  const timeoutMs = minutes === null ? rule.defaultTimeoutMs : minutes * 60_000;
  const heardAt = Math.max(msOf(lastSign.at), msOf(lastSign.accepted_at ?? lastSign.at));
  const since = Math.max(heardAt, rule.heardSince) + timeoutMs;
  const unapplied = rule.unapplied?.get(row.scheduler_id);
  const judgedAt = Math.min(rule.judgedAt, unapplied === undefined ? Infinity : msOf(unapplied));
  const judged = Math.min(judgedAt, rule.night.end);
  if (judged < rule.night.start || judged <= since) return null;
  return { lastSign: { at: lastSign.at, id: lastSign.id }, timeoutMs, since };
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
