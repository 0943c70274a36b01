import type { Clock } from '../../../src/clock.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import type { Store } from '../../../src/store/store.ts';
import { retentionOf } from '../../../projections/retention.ts';

/** A store that nobody calls, for a messenger whose table is in memory. */
export function unusedStore(clock: Clock): Store {
  return {
    client: documentsOf(createDynamoDbClient('http://127.0.0.1:1')),
    prefix: 'unused-',
    clock,
    retention: retentionOf({
      HISTORY_RETENTION_DAYS: 30,
      EVENT_RETENTION_DAYS: 400,
      HEARTBEAT_RETENTION_DAYS: 7,
    }),
  };
}
