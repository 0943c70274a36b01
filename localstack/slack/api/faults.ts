import { z } from 'zod';

/**
 * What can be made to go wrong, over `POST /control/faults`.
 * - `drop_answer`: does the work, then cuts the connection; the caller cannot know.
 * - `delay`: waits `ms` before the work (after it with `after_work`). `hang`: never answers.
 * - `internal_error`, `http_503`: with `after_work` the work is done all the same.
 * - `rate_limited`: HTTP 429 with `retry_after` seconds. `token_revoked`: the app was removed.
 * - `invalid_blocks_table`: a workspace that does not take tables yet; messages without one pass.
 */
const kinds = [
  'drop_answer',
  'delay',
  'hang',
  'rate_limited',
  'http_503',
  'internal_error',
  'token_revoked',
  'invalid_blocks_table',
] as const;

export const fault = z.strictObject({
  /** `*`: every method but `api.test`. */
  method: z.string().min(1).default('*'),
  fault: z.enum(kinds),
  /** How many calls it meets; without it, all until it is cleared. */
  count: z.int().min(1).optional(),
  ms: z.int().min(0).max(600_000).default(1_000),
  retry_after: z.int().min(1).default(1),
  after_work: z.boolean().default(false),
});
export type Fault = z.infer<typeof fault>;

export type Faults = {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  readonly list: () => readonly Fault[];
  /** The oldest fault that meets this call, one fewer of it left. */
  readonly take: (method: string, blocks: unknown) => Fault | undefined;
};

export function createFaults(): Faults {
  let faults: readonly Fault[] = [];
  return {
    add: (fault) => {
      faults = [...faults, fault];
    },
    clear: () => {
      faults = [];
    },
    list: () => faults,
    take: (method, blocks) => {
      const index = faults.findIndex((one) => meets(one, method, blocks));
      const taken = faults[index];
      if (taken === undefined) return undefined;
      const left = taken.count === undefined ? [taken] : used(taken, taken.count);
      faults = [...faults.slice(0, index), ...left, ...faults.slice(index + 1)];
      return taken;
    },
  };
}

function meets(one: Fault, method: string, blocks: unknown): boolean {
  // `api.test` is how this program is asked whether it lives: only a fault of its own meets it.
  if (one.method !== method && (one.method !== '*' || method === 'api.test')) return false;
  return one.fault !== 'invalid_blocks_table' || hasTable(blocks);
}

function used(one: Fault, count: number): Fault[] {
  return count === 1 ? [] : [{ ...one, count: count - 1 }];
}

function hasTable(blocks: unknown): boolean {
  return (
    Array.isArray(blocks) &&
    blocks.some((block: unknown) => {
      const parsed = z.object({ type: z.enum(['table', 'data_table']) }).safeParse(block);
      return parsed.success;
    })
  );
}
