import { randomUUID } from 'node:crypto';
import { paginateQuery, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { tableOf, type Store } from '../../store/store.ts';
import { tables } from '../../store/tables.ts';

/** What an operator did. */
const auditRecord = z.object({
  /** When it was done: real time, UTC. */
  at: z.iso.datetime(),
  /** `user@host`. */
  by: z.string(),
  /** The command's words, like `keys revoke`. */
  act: z.string(),
  outcome: z.enum(['done', 'failed']),
  details: z.record(z.string(), z.json()),
});
export type AuditRecord = z.infer<typeof auditRecord>;

/**
 * The records lie among the messages, in a partition of their own: there they are in order, recoverable, and in the
 * way of nobody, since every other reader of the table names a night. They never expire.
 */
const { partition, sort } = tables.messages;
const audit = 'audit';

/** Adds a record; two of one instant are both kept. */
export async function writeRecord(store: Store, record: AuditRecord): Promise<void> {
  await store.client.send(
    new PutCommand({
      TableName: tableOf(store, 'messages'),
      Item: { [partition]: audit, [sort]: `${record.at}#${randomUUID()}`, ...record },
    }),
  );
}

/**
 * The records, newest first; undefined for one that cannot be read.
 * @param from UTC: none from before it
 * @param pageSize how many are read at a time
 */
export async function* readRecords(
  store: Store,
  {
    from = '',
    pageSize,
  }: { readonly from?: string | undefined; readonly pageSize?: number | undefined } = {},
): AsyncGenerator<AuditRecord | undefined> {
  const pages = paginateQuery(
    { client: store.client, ...(pageSize === undefined ? {} : { pageSize }) },
    {
      TableName: tableOf(store, 'messages'),
      ConsistentRead: true,
      ScanIndexForward: false,
      KeyConditionExpression: '#partition = :audit AND #sort >= :from',
      ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
      // No key may be empty, and a year begins with a digit.
      ExpressionAttributeValues: { ':audit': audit, ':from': from === '' ? '0' : from },
    },
  );
  for await (const page of pages) for (const item of page.Items ?? []) yield auditRecord.safeParse(item).data;
}
