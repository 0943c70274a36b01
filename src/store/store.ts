import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Retention } from '../../projections/retention.ts';
import type { Clock } from '../clock.ts';
import { tableName, tables, type TableName } from './tables.ts';

/** What every function of the store works on. */
export type Store = {
  readonly client: DynamoDBDocumentClient;
  readonly prefix: string;
  readonly clock: Clock;
  readonly retention: Retention;
};

/** A table's name in DynamoDB. */
export function tableOf(store: Store, table: TableName): string {
  return tableName(store.prefix, tables[table]);
}

/** A TTL value for an instant of Ronda's time; none while that time is not real, or AWS would delete live rows. */
export function timeToLive(store: Store, expiry: number | undefined): { expires_at?: number } {
  return expiry === undefined || !store.clock.isReal ? {} : { expires_at: Math.ceil(expiry / 1000) };
}
