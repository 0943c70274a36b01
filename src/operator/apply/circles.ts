import { z } from 'zod';

const row = z.object({ expectation: z.object({ depends_on: z.array(z.string()).default([]) }) });

/** What a scheduler waits for, by its fields as `GET /schedulers` answers them. Pure. */
export function upstreamsIn(fields: unknown): readonly string[] {
  return row.safeParse(fields).data?.expectation.depends_on ?? [];
}
