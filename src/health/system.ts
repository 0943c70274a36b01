import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { utc } from '../events/time.ts';
import { watermarkOf } from '../night/watermark.ts';
import { messagesIn } from '../queue/depth.ts';
import type { QueueUrls } from '../queue/topology.ts';
import type { RoleName } from '../store/role-names.ts';
import { livingRoles, type RoleRow } from '../store/roles.ts';
import type { Store } from '../store/store.ts';
import { Unwell, type Checks } from './checks.ts';

export type SystemParts = {
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly queues: QueueUrls;
};

/** Events wait this long at most, by SQS's own word, before health is bad. Real ms. */
const maxLagMs = 300_000;
/** A consumer may report so much later than that how far everything was read (`night/watermark.ts`). Real ms. */
const watermarkSlackMs = 60_000;
/** A role that just began has nothing to report yet: a consumer's first receive may take a long poll. Real ms. */
const youngMs = 30_000;

/** What the whole watch needs, whichever process is asked: for people and outside monitors. */
export function systemChecks({ store, sqs, queues }: SystemParts): () => Checks {
  return () => {
    const living = livingRoles(store);
    // Asked for by several checks, each of which says what it means for it.
    living.catch(() => undefined);
    const of = async (name: RoleName): Promise<RoleRow[]> => {
      const alive = (await living).filter(({ role }) => role === name);
      if (alive.length === 0) throw new Unwell(`role ${name} is not running`);
      return alive;
    };
    return {
      ingress: () => of('ingress'),
      consumer: () => of('consumer'),
      slack: async () => {
        for (const { problem } of (await of('slack')).filter(isGrown(store.clock)))
          if (problem !== null) throw new Unwell(problem);
      },
      lag: async () => {
        const lag = Math.max(...(await of('consumer')).map(({ lag_ms }) => lag_ms));
        if (lag > maxLagMs) throw new Unwell(`events wait ${Math.round(lag / 1_000)} s`);
      },
      dead_letters: async () => {
        const { events, notices } = queues;
        const counts = await Promise.all(
          [events, notices].map(({ deadLetterUrl }) => messagesIn(sqs, deadLetterUrl)),
        );
        const dead = counts.reduce((sum, count) => sum + count, 0);
        if (dead > 0) throw new Unwell(`${dead} in the dead-letter queues`);
      },
      watermark: async () => {
        const problem = watermarkProblem(await of('consumer'), store.clock);
        if (problem !== null) throw new Unwell(problem);
      },
    };
  };
}

function isGrown({ real }: Pick<Clock, 'real'>) {
  return ({ since }: Pick<RoleRow, 'since'>): boolean => real() - since > youngMs;
}

/** Why staleness cannot be judged, or only as of long ago; null where it can. Pure but for the clock. */
export function watermarkProblem(
  consumers: readonly Pick<RoleRow, 'since' | 'seen_at' | 'read_up_to'>[],
  clock: Pick<Clock, 'now' | 'real' | 'fromReal'>,
): string | null {
  const { now, real, fromReal } = clock;
  const reporting = consumers.filter((role) => role.read_up_to !== null || isGrown(clock)(role));
  if (reporting.length === 0) return null;
  const reports = reporting.map(({ seen_at, read_up_to }) => ({ seenAt: seen_at, readUpTo: read_up_to }));
  const watermark = watermarkOf(reports, { now: now(), fromReal });
  if (watermark === null) return 'a consumer receives nothing: nobody knows how far events are read';
  return watermark < fromReal(real() - maxLagMs - watermarkSlackMs)
    ? `events are read up to ${utc(watermark)}`
    : null;
}
