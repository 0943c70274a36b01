import { LRUCache } from 'lru-cache';
import type { CurrentState } from '../../../projections/current-state.ts';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { SlackApi } from '../api.ts';

/** Who is told of a scheduler's trouble: a Slack user id, null when nobody is known. */
export type Owners = { readonly of: (row: CurrentState | undefined) => Promise<string | null> };

/** People change their addresses rarely, and an unknown one is likely to be corrected. Real ms. */
const believedMs = 3_600_000;
const doubtedMs = 300_000;
const maxOwners = 10_000;

/**
 * Finds owners: `alert_user_id`, else the user who has `owner_email`. An alert is worth more than its mention:
 * where Slack does not say who that is, nobody is mentioned.
 */
export function createOwners(api: Pick<SlackApi, 'lookupByEmail'>, clock: Clock, log: Logger): Owners {
  const found = new LRUCache<string, { id: string | null }>({
    max: maxOwners,
    perf: { now: clock.real },
    ttlResolution: 0,
  });
  // The jobs of one owner fail together: they ask once, for Slack counts.
  const asked = new Map<string, Promise<string | null>>();

  const ask = async (email: string): Promise<string | null> => {
    const id = await api.lookupByEmail(email);
    found.set(email, { id }, { ttl: id === null ? doubtedMs : believedMs });
    return id;
  };
  return {
    of: async (row) => {
      const { alert_user_id = null, owner_email = null } = row?.registration ?? {};
      if (alert_user_id !== null || owner_email === null) return alert_user_id;
      const known = found.get(owner_email);
      if (known !== undefined) return known.id;
      try {
        const asking = asked.get(owner_email) ?? ask(owner_email).finally(() => asked.delete(owner_email));
        asked.set(owner_email, asking);
        return await asking;
      } catch (error) {
        log.warn({ err: error, scheduler_id: row?.scheduler_id }, 'the owner could not be looked up');
        return null;
      }
    },
  };
}
