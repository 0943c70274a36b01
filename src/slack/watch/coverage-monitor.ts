import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { utc } from '../../events/time.ts';
import type { Gap, Hearing } from '../../night/coverage.ts';
import { listen, type Hears, type Listened } from '../../night/assess-coverage.ts';
import { changeMessage, messageTable, type MessageTable } from '../../store/messages/messages.ts';
import { livingRoles } from '../../store/roles.ts';
import type { Store } from '../../store/store.ts';

/** How far Ronda hears, as of the last look. Ronda's time, ms UTC. */
export type Heard = Hears & {
  /** Up to when everything that was accepted has been read; null: nobody knows. */
  readonly watermark: number | null;
  readonly gaps: readonly Gap[];
};

export type Ears = {
  /** Looks at the roles that live; at most once in 5 s (real), for they say no more than that. */
  readonly listen: () => Promise<Heard>;
  /** What the last look found. */
  readonly heard: () => Heard;
};

const lookEveryMs = 5_000;
/** Where the hearing is kept, so that a restart knows of the breaks before it. */
const key = { night: 'ronda', message_key: 'hearing' };
const kept = z.object({
  since: z.number(),
  until: z.number(),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
});

export function createEars(store: Store, clock: Clock): Ears {
  const table = messageTable(store);
  let looked = Number.NEGATIVE_INFINITY;
  let last: Heard = { watermark: null, judgedAt: null, heardSince: clock.now(), gaps: [] };

  return {
    heard: () => last,
    listen: async () => {
      if (clock.monotonic() - looked < lookEveryMs) return last;
      const living = await livingRoles(store);
      const reading = { now: clock.now(), fromReal: clock.fromReal };
      const { hearing, watermark, hears } = await remember(table, clock, (previous) =>
        listen(previous, living, reading),
      );
      last = { ...hears, watermark, gaps: hearing?.gaps ?? [] };
      looked = clock.monotonic();
      return last;
    },
  };
}

/** Applies a look to the hearing that is kept; replicas that look at once come to the same. */
async function remember(
  table: MessageTable,
  clock: Clock,
  look: (previous: Hearing | null) => Listened,
): Promise<Listened> {
  const created_at = utc(clock.now());
  let listened = look(null);
  if ((await table.read(key)) === undefined) await table.leave({ ...key, kind: 'hearing', created_at });
  await changeMessage(table, key, (row) => {
    listened = look(kept.safeParse(row.details).data ?? null);
    const { hearing } = listened;
    return hearing === null
      ? undefined
      : { ...row, created_at, details: { ...hearing, gaps: [...hearing.gaps] } };
  });
  return listened;
}
