import { currentStateProjection } from '../../projections/current-state.ts';
import { historyProjection } from '../../projections/history.ts';
import { rulesProjection } from '../../projections/rules.ts';

/** What provisioning creates. All keys are strings, all tables on-demand. */
export type TableDefinition = {
  readonly name: string;
  readonly partition: string;
  readonly sort?: string;
  /** Whether items expire by TTL. */
  readonly expires: boolean;
  /** Whether point-in-time recovery is wanted: not for what can be made anew. */
  readonly recoverable: boolean;
};

/** Every table, once: but for those of further projections (`projections/registry.ts`). */
export const tables = {
  events: {
    name: 'events',
    partition: 'scheduler_id',
    sort: 'occurred_at#event_id',
    expires: true,
    recoverable: true,
  },
  schedulers: currentStateProjection.table,
  history: historyProjection.table,
  rules: rulesProjection.table,
  messages: { name: 'messages', partition: 'night', sort: 'message_key', expires: true, recoverable: true },
  alerts: { name: 'alerts', partition: 'night', sort: 'alert_key', expires: true, recoverable: true },
  state: { name: 'state', partition: 'key', expires: true, recoverable: false },
  roles: { name: 'roles', partition: 'role#instance', expires: true, recoverable: false },
  apiKeys: { name: 'api-keys', partition: 'key_id', expires: false, recoverable: true },
  rateLimits: { name: 'rate-limits', partition: 'key_id', expires: true, recoverable: false },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tables;

/** The attribute, in epoch seconds, that DynamoDB's TTL (or the embedded engines' purge) deletes by. */
export const expiryAttribute = 'expires_at';

/** The name in DynamoDB: `RONDA_PREFIX` and what the table holds. */
export function tableName(prefix: string, { name }: Pick<TableDefinition, 'name'>): string {
  return `${prefix}${name}`;
}
