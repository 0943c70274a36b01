import { z } from 'zod';
import { assessCoverage, type KnownCoverage } from '../night/assess-coverage.ts';
import type { Coverage } from '../night/coverage.ts';
import { readMessageRow } from '../store/messages/messages.ts';
import { stateTable } from '../store/state/state-rows.ts';
import { livingRoles } from '../store/roles.ts';
import type { Store } from '../store/store.ts';

/** Where the watch stores the coverage, so that a restart knows of the gaps before it. */
export const coverageKey = { key: 'coverage' } as const;

const stored = z.object({
  since: z.number(),
  until: z.number(),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
});

/** The coverage in the details of its row; null where there is none yet. */
export function coverageIn(details: unknown): Coverage | null {
  return stored.safeParse(details).data ?? null;
}

/** What an earlier version stored, among the messages. */
export async function formerCoverage(store: Store): Promise<Coverage | null> {
  return coverageIn((await readMessageRow(store, { night: 'ronda', message_key: 'coverage' }))?.details);
}

/**
 * Coverage as it is now, as whoever shows a board must judge by: a role that was restarted within 15 s
 * leaves no gap, for all who look. Reads only.
 */
export async function readCoverage(store: Store): Promise<KnownCoverage> {
  const [row, living] = await Promise.all([stateTable(store).read(coverageKey), livingRoles(store)]);
  const { now, fromReal } = store.clock;
  const before = coverageIn(row?.details) ?? (await formerCoverage(store));
  const { limits, coverage } = assessCoverage(before, living, { now: now(), fromReal });
  return { ...limits, gaps: coverage?.gaps ?? [] };
}
