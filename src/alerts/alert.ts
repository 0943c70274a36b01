import { detailsOf, type CurrentState } from '../../projections/current-state.ts';
import type { StatusReported } from '../events/event.ts';
import { eventIdFrom } from '../events/identity.ts';
import { msOf } from '../events/time.ts';
import type { BoardSpec } from '../night/boards.ts';
import type {
  AlertKey,
  AlertRow,
  FailureRow,
  SlotKind,
  SlotRow,
  SlotSituation,
  StaleRow,
} from '../store/alerts/alert-rows.ts';
import type { AlertProgress } from './lifecycle.ts';

/** An alert as transports are given it. Instants are ms UTC in Ronda's time, durations ms. */
export type Alert = FailureAlert | StaleAlert | SlotAlert;

type Common = {
  readonly key: AlertKey;
  readonly board: Pick<BoardSpec, 'name' | 'channel' | 'zone'>;
  readonly severity: AlertRow['severity'];
  readonly scheduler_id: string;
  /** As the board has them. */
  readonly service_name: string;
  readonly job_name: string;
  /** Whom it concerns, as the registration names them. */
  readonly owner: { readonly slack_user_id: string | null; readonly email: string | null };
  /** Whose report it was; null where nobody's was. */
  readonly sender: string | null;
  readonly openedAt: number;
  /** What an acknowledgement of it names. */
  readonly event_id: string;
  readonly progress: AlertProgress;
  /** The jobs that wait for this one, by id. */
  readonly dependents: readonly string[];
  readonly runbookUrl: string | null;
};

/** A run that failed. */
export type FailureAlert = Common & {
  readonly kind: 'failure';
  readonly failedAt: number;
  readonly error: string | null;
  readonly duration: number | null;
  /** How often its cause was seen in the 30 days before, and how long recovery took the last time. */
  readonly seen: { readonly times: number; readonly recovery: number | null } | null;
};

/** What went wrong with a run, or that there was none. */
export type RunAlert = FailureAlert | SlotAlert;

/** A slot that went wrong: nothing began in it, or what began did not end as it should. */
export type SlotAlert = Common & {
  readonly kind: SlotKind;
  readonly slot: number;
  readonly situation: SlotSituation;
};

/** A running job without a sign of life. */
export type StaleAlert = Common & {
  readonly kind: 'stale';
  readonly lastSignAt: number;
  readonly timeoutMs: number;
  readonly runningSince: number | null;
  /** Whether the time-out is the default one. */
  readonly explains: boolean;
};

/** What became of an alert, whichever kind: what ended a slot's is its recovery. Pure. */
export function progressOf({ kind, progress }: Pick<RunAlert, 'kind' | 'progress'>): AlertProgress {
  const { outcome } = progress;
  return kind === 'failure' || outcome === null ? progress : { ...progress, recovered: { at: outcome.at } };
}

/** What an acknowledgement of an alert names that no event stands behind, as that of a failure names its event. */
export function keyEventId({
  scheduler_id,
  alert_key,
}: Pick<AlertRow, 'scheduler_id' | 'alert_key'>): string {
  return eventIdFrom(scheduler_id, alert_key);
}

/** A failure's alert, from its row, its event and its scheduler's row. Pure. */
export function failureAlert(
  row: FailureRow,
  board: BoardSpec,
  event: StatusReported,
  state: CurrentState | undefined,
): FailureAlert {
  return {
    ...commonOf(row, board, state, event),
    kind: 'failure',
    event_id: row.event_id,
    failedAt: msOf(row.occurred_at),
    error: event.error_message,
    duration: row.duration,
    seen: row.seen,
  };
}

/** A stale job's alert, from its row and its scheduler's row. Pure. */
export function staleAlert(row: StaleRow, board: BoardSpec, state: CurrentState | undefined): StaleAlert {
  return {
    ...commonOf(row, board, state, state?.status ?? { service_name: row.service_name, job_name: '' }),
    kind: 'stale',
    event_id: keyEventId(row),
    lastSignAt: msOf(row.last_sign.at),
    timeoutMs: row.timeout_ms,
    runningSince: row.running_since === null ? null : msOf(row.running_since),
    explains: row.explains,
  };
}

/** The alert of a slot that went wrong, from its row and its scheduler's row. Pure. */
export function slotAlert(row: SlotRow, board: BoardSpec, state: CurrentState | undefined): SlotAlert {
  return {
    ...commonOf(row, board, state, { service_name: row.service_name, job_name: '' }),
    kind: row.kind,
    event_id: keyEventId(row),
    slot: msOf(row.slot),
    situation: row.situation,
  };
}

function commonOf(
  row: AlertRow,
  board: BoardSpec,
  state: CurrentState | undefined,
  otherwise: { readonly service_name: string; readonly job_name: string },
): Omit<Common, 'event_id'> {
  const { service_name, job_name } = state?.registration ?? otherwise;
  const { alert_user_id, owner_email } = detailsOf(state);
  return {
    key: { night: row.night, alert_key: row.alert_key },
    board,
    severity: row.severity,
    scheduler_id: row.scheduler_id,
    service_name,
    job_name,
    owner: { slack_user_id: alert_user_id, email: owner_email },
    sender: row.sender,
    openedAt: msOf(row.transitions[0]?.at ?? row.created_at),
    progress: row.progress,
    dependents: row.dependents,
    runbookUrl: row.runbook_url,
  };
}
