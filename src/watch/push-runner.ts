import pLimit from 'p-limit';
import type { AlertContext } from '../alerts/context.ts';
import { push } from '../alerts/deliver.ts';
import { idsOf } from '../alerts/open-alert.ts';
import type { Transport } from '../alerts/transport.ts';
import type { AlertRow } from '../store/alerts/alert-rows.ts';

/** So many alerts are delivered by one transport at a time. */
const maxAtOnce = 8;

/** Deliveries by transports that do not reconcile, beside everything else: one that is slow holds up no other, and no board. */
export type PushRunner = {
  /** Begins to deliver an alert by a transport, unless this process is at it already. Failures are logged, not thrown. */
  readonly start: (alert: AlertRow, transport: Transport) => void;
  /** Resolves when nothing is under way any more. */
  readonly idle: () => Promise<void>;
};

/** The deliveries of one process. */
export function createPushRunner(context: AlertContext): PushRunner {
  const limits = new Map<string, ReturnType<typeof pLimit>>();
  const underway = new Map<string, Promise<void>>();
  return {
    start: (alert, transport) => {
      const { name } = transport;
      const key = `${alert.night} ${alert.alert_key}#${name}`;
      if (underway.has(key)) return;
      const limit = limits.get(name) ?? pLimit(maxAtOnce);
      limits.set(name, limit);
      const running = limit(() => push(context, alert, transport))
        .catch((error: unknown) => {
          context.log.warn({ ...idsOf(alert), transport: name, err: error }, 'alert not delivered yet');
        })
        .finally(() => underway.delete(key));
      underway.set(key, running);
    },
    idle: async () => {
      while (underway.size > 0) await Promise.all(underway.values());
    },
  };
}
