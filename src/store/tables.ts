/** Every table, once: what provisioning creates and the store opens. All keys are strings, all tables on-demand. */
export const tables = {
  events: {
    name: 'events',
    partition: 'scheduler_id',
    sort: 'occurred_at#event_id',
    expires: true,
    recoverable: true,
  },
  schedulers: { name: 'schedulers', partition: 'scheduler_id', expires: false, recoverable: false },
  history: {
    name: 'scheduler-status-history',
    partition: 'scheduler_id',
    sort: 'timestamp#event_id',
    expires: true,
    recoverable: false,
  },
  messages: { name: 'messages', partition: 'night', sort: 'message_key', expires: true, recoverable: true },
  roles: { name: 'roles', partition: 'role#instance', expires: true, recoverable: false },
  apiKeys: { name: 'api-keys', partition: 'key_id', expires: false, recoverable: true },
  rateLimits: { name: 'rate-limits', partition: 'key_id', expires: true, recoverable: false },
} as const;

export type TableName = keyof typeof tables;

/** The attribute, in epoch seconds, that DynamoDB's TTL (or the embedded engines' purge) deletes by. */
export const expiryAttribute = 'expires_at';

export function tableName(prefix: string, table: TableName): string {
  return `${prefix}${tables[table].name}`;
}
