/** A report as a producer sends it, with all that decides where it ends. */
export type SentReport = {
  readonly type: 'status' | 'heartbeat' | 'register' | 'remove';
  readonly scheduler_id: string;
  readonly event_id: string;
  readonly timestamp: string;
  readonly accepted_at: string;
  readonly service_name?: string;
  readonly job_name?: string;
  readonly owner_email?: string;
  readonly status?: 'pending' | 'running' | 'completed' | 'failed';
  readonly execution_time_ms?: number;
  readonly error_message?: string;
};

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const statuses = ['pending', 'running', 'completed', 'failed'] as const;
const night = Date.UTC(2026, 10, 22, 17, 0, 0);
/** So few instants for so many events that every scheduler has several at one. */
const instants = 12;

/** Reports of every type, with times that collide and ids that do not. */
export function makeReports(
  next: () => number,
  { schedulers, events }: { schedulers: number; events: number },
): SentReport[] {
  return Array.from({ length: events }, (_, index): SentReport => {
    const draw = next();
    const common = {
      scheduler_id: `job-${index % schedulers}`,
      event_id: uuid(next),
      timestamp: new Date(night + Math.floor(next() * instants) * 1_000).toISOString(),
      accepted_at: new Date(night + 60_000 + Math.floor(next() * 3_600_000)).toISOString(),
    };
    const names = { service_name: `service-${index % 7}`, job_name: `job ${index}` };
    if (draw < 0.2) return { ...common, type: 'heartbeat' };
    if (draw < 0.3) {
      return {
        ...common,
        ...names,
        type: 'register',
        ...(draw < 0.25 ? { owner_email: 'owner@example.com' } : {}),
      };
    }
    if (draw < 0.35) return { ...common, type: 'remove' };
    const status = statuses[Math.floor(next() * 4)] ?? 'pending';
    return {
      ...common,
      ...names,
      type: 'status',
      status,
      ...(status === 'failed' ? { error_message: `failure ${index}` } : {}),
      ...(status === 'completed' ? { execution_time_ms: index } : {}),
    };
  });
}

function uuid(next: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
