import type { FleetEvent, Status } from './fleet.ts';

export const kinds = ['register', 'pending', 'running', 'completed', 'failed', 'heartbeat'] as const;
export type Kind = 'register' | 'heartbeat' | Status;

/** What became of a fleet's events. */
export type Tally = {
  /** Accepted, by kind. */
  readonly sent: Readonly<Record<Kind, number>>;
  /** Tries beyond each event's first. */
  readonly retried: number;
  readonly refused: number;
  /** Of the first few refusals. */
  readonly reasons: readonly string[];
  /** Left when the play was stopped. */
  readonly unsent: number;
};

const maxReasons = 5;

/** The tally before so many events are played. */
export function emptyTally(events: number): Tally {
  return {
    sent: { register: 0, pending: 0, running: 0, completed: 0, failed: 0, heartbeat: 0 },
    retried: 0,
    refused: 0,
    reasons: [],
    unsent: events,
  };
}

/** What an event counts as. */
export function kindOf({ report }: FleetEvent): Kind {
  return report.type === 'status' ? report.status : report.type;
}

/** One more that was accepted. */
export function withSent(tally: Tally, kind: Kind): Tally {
  return { ...tally, unsent: tally.unsent - 1, sent: { ...tally.sent, [kind]: tally.sent[kind] + 1 } };
}

/** One more try. */
export function withRetry(tally: Tally): Tally {
  return { ...tally, retried: tally.retried + 1 };
}

/** One more that was refused; of the reasons the first five are kept. */
export function withRefusal(tally: Tally, reason: string): Tally {
  return {
    ...tally,
    unsent: tally.unsent - 1,
    refused: tally.refused + 1,
    reasons: [...tally.reasons, reason].slice(0, maxReasons),
  };
}

/** How many were accepted, of whatever kind. */
export function sentOf({ sent }: Tally): number {
  return kinds.reduce((sum, kind) => sum + sent[kind], 0);
}
