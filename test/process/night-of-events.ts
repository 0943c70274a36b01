/**
 * What a night might send to the events queue: made from a seed, with everything in it that has ever upset a
 * projection. Independent of the program's own schemas: bodies are what a service would write.
 */

export const statuses = ['pending', 'running', 'completed', 'failed'] as const;

/** One event as a service means it. `at` is UTC with ms, `id` a lower-case UUID. */
export type Happening = { readonly scheduler: string; readonly at: string; readonly id: string } & (
  | {
      readonly type: 'status';
      readonly status: (typeof statuses)[number];
      readonly error: string | null;
      readonly durationMs: number | null;
    }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'register'; readonly service: string; readonly owner: string | null }
  | { readonly type: 'remove' }
  | { readonly type: 'acknowledge'; readonly failure: string }
  | { readonly type: 'snooze'; readonly until: string }
);

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Night = {
  readonly random: () => number;
  readonly events: number;
  readonly schedulers: number;
  /** When it begins, ms UTC. */
  readonly start: number;
};

/** Every scheduler has only a few instants, so that many of its events collide in time. */
const instantsPerScheduler = 8;
const stepMs = 7_001;

export function happeningsOf({ random, events, schedulers, start }: Night): Happening[] {
  const below = (n: number): number => Math.floor(random() * n);
  const uuid = (): string => {
    const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  return Array.from({ length: events }, (_, n) => {
    const event = {
      scheduler: `job-${n % schedulers}`,
      at: new Date(start + below(instantsPerScheduler) * stepMs).toISOString(),
      id: uuid(),
    };
    const kind = below(100);
    if (kind < 65) {
      const status = statuses[below(4)] ?? 'pending';
      return {
        ...event,
        type: 'status',
        status,
        error: status === 'failed' ? `cause ${n}` : null,
        durationMs: status === 'completed' ? below(100_000) : null,
      };
    }
    if (kind < 83) return { ...event, type: 'heartbeat' };
    if (kind < 90) {
      return {
        ...event,
        type: 'register',
        service: `service-${n}`,
        owner: n % 2 === 0 ? null : 'a@example.com',
      };
    }
    if (kind < 95) return { ...event, type: 'remove' };
    if (kind < 98) return { ...event, type: 'acknowledge', failure: uuid() };
    return { ...event, type: 'snooze', until: new Date(start + n * 60_000).toISOString() };
  });
}

/** The body in which a service would send it; `acceptedAt` is what the ingress adds, and differs between copies. */
export function bodyOf(event: Happening, acceptedAt: string): string {
  const common = {
    scheduler_id: event.scheduler,
    timestamp: event.at,
    event_id: event.id,
    accepted_at: acceptedAt,
  };
  switch (event.type) {
    case 'status': {
      const { status, error, durationMs } = event;
      const names = { service_name: 'service', job_name: 'Job' };
      const details = {
        ...(error === null ? {} : { error_message: error }),
        ...(durationMs === null ? {} : { execution_time_ms: durationMs }),
      };
      return JSON.stringify({ type: 'status', ...common, ...names, status, ...details });
    }
    case 'register': {
      const owner = event.owner === null ? {} : { owner_email: event.owner };
      return JSON.stringify({
        type: 'register',
        ...common,
        service_name: event.service,
        job_name: 'Job',
        ...owner,
      });
    }
    case 'acknowledge':
      return JSON.stringify({ type: 'acknowledge', ...common, failure_event_id: event.failure, by: 'rina' });
    case 'snooze':
      return JSON.stringify({ type: 'snooze', ...common, until: event.until, by: 'rina' });
    case 'heartbeat':
    case 'remove':
      return JSON.stringify({ type: event.type, ...common });
  }
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
