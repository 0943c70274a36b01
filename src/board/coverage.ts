import { z } from 'zod';
import { assessCoverage, type CoverageAssessment } from '../night/assess-coverage.ts';
import type { Coverage } from '../night/coverage.ts';
import { readMessage } from '../store/messages/messages.ts';
import { livingRoles } from '../store/roles.ts';
import type { Store } from '../store/store.ts';

/** Where the watch stores the coverage, so that a restart knows of the gaps before it. */
export const coverageKey = { night: 'ronda', message_key: 'coverage' } as const;

const stored = z.object({
  since: z.number(),
  until: z.number(),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
});

/** The coverage in the details of its row; null where there is none yet. */
export function coverageIn(details: unknown): Coverage | null {
  return stored.safeParse(details).data ?? null;
}

/**
 * Coverage and watermark as they are now, as whoever shows a board must judge by: a role that was restarted within 15 s
 * leaves no gap, for all who look. Reads only.
 */
export async function readCoverage(store: Store): Promise<CoverageAssessment> {
  const [row, living] = await Promise.all([readMessage(store, coverageKey), livingRoles(store)]);
  const { now, fromReal } = store.clock;
  return assessCoverage(coverageIn(row?.details), living, { now: now(), fromReal });
}
