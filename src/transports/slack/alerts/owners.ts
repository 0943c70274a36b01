import { LRUCache } from 'lru-cache';
import type { Alert } from '../../../alerts/alert.ts';
import type { Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import type { SlackApi } from '../api.ts';

/** Who is called, as rows hold it. */
export type Owner = {
  /** A Slack user id; null where nobody is known. */
  readonly mention: string | null;
  /** Whether that could not be found out yet. */
  readonly owner_unknown: boolean;
};
const nobodyYet: Owner = { mention: null, owner_unknown: true };
export const nobody: Owner = { mention: null, owner_unknown: false };

/** Who is called about an alert. */
export type Owners = {
  /** The look-ups of one sender are counted together; where nobody sent a report, those of a service. */
  readonly of: (alert: Pick<Alert, 'owner' | 'sender' | 'service_name' | 'scheduler_id'>) => Promise<Owner>;
};

/** People change their addresses rarely, and an unknown one is likely to be corrected. Real ms. */
const believedMs = 3_600_000;
const doubtedMs = 300_000;
const maxOwners = 10_000;
/**
 * Slack takes some 50 look-ups a minute from the whole app. A sender whose jobs have invented addresses must not use
 * them up for everybody. https://docs.slack.dev/reference/methods/users.lookupByEmail
 */
const lookupsPerMinute = 20;

/**
 * Finds owners: `alert_user_id`, else the user who has `owner_email`. An alert is worth more than its mention: where
 * Slack does not say who that is, the alert goes out and the owner is asked for again, never taken for nobody.
 */
export function createOwners(api: Pick<SlackApi, 'lookupByEmail'>, clock: Clock, log: Logger): Owners {
  const age = { perf: { now: clock.monotonic }, ttlResolution: 0 };
  const found = new LRUCache<string, { id: string | null }>({ max: maxOwners, ...age });
  const spent = new LRUCache<string, { lookups: number }>({ max: maxOwners, ttl: 60_000, ...age });
  // The jobs of one owner fail together: they ask once, for Slack counts.
  const asked = new Map<string, Promise<string | null>>();

  const maySpend = (sender: string): boolean => {
    const window = spent.get(sender);
    if (window === undefined) spent.set(sender, { lookups: 1 });
    else if (window.lookups >= lookupsPerMinute) return false;
    else window.lookups += 1;
    return true;
  };
  const ask = async (email: string): Promise<string | null> => {
    const id = await api.lookupByEmail(email);
    found.set(email, { id }, { ttl: id === null ? doubtedMs : believedMs });
    return id;
  };
  return {
    of: async ({ owner, sender, service_name, scheduler_id }) => {
      const { slack_user_id, email: owner_email } = owner;
      if (slack_user_id !== null || owner_email === null) return known(slack_user_id);
      const remembered = found.get(owner_email);
      if (remembered !== undefined) return known(remembered.id);
      const underway = asked.get(owner_email);
      if (underway === undefined && !maySpend(sender ?? `service ${service_name}`)) return nobodyYet;
      try {
        const asking = underway ?? ask(owner_email).finally(() => asked.delete(owner_email));
        asked.set(owner_email, asking);
        return known(await asking);
      } catch (error) {
        log.warn({ err: error, scheduler_id }, 'the owner could not be looked up: tried again');
        return nobodyYet;
      }
    },
  };
}

function known(mention: string | null): Owner {
  return { mention, owner_unknown: false };
}
