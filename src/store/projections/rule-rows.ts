import { paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import { rule, rulesIn, rulesProjection, type Rule, type Rules } from '../../../projections/rules.ts';
import { tableOf, type Store } from '../store.ts';
import { entryRows } from './entry-rows.ts';

const { partition } = rulesProjection.table;
const { scanStored } = entryRows(rulesProjection);

/** Reads all rules: a scan of a table that has a row for each change of an expectation. Eventually consistent. */
export async function readRules(store: Store): Promise<Rules> {
  const found: Rule[] = [];
  for await (const [, , { entry }] of scanStored(store)) if (entry !== undefined) found.push(entry);
  return rulesIn(found);
}

/** What a calendar, or another stream, says now; undefined when nothing was ever set there. */
export async function readLatest(store: Store, stream: string): Promise<Rule | undefined> {
  return (await readStream(store, stream)).at(-1);
}

/** All that was set in one stream, oldest first, read consistently. */
export async function readStream(store: Store, stream: string): Promise<Rule[]> {
  const rows: Rule[] = [];
  const pages = paginateQuery(
    { client: store.client },
    {
      TableName: tableOf(store, 'rules'),
      ConsistentRead: true,
      KeyConditionExpression: '#partition = :id',
      ExpressionAttributeNames: { '#partition': partition },
      ExpressionAttributeValues: { ':id': stream },
    },
  );
  for await (const page of pages) for (const item of page.Items ?? []) rows.push(rule.parse(item));
  return rows;
}

/**
 * All that was set in the streams whose ids begin so, read consistently. A scan; what a newer version wrote, or was
 * damaged, is left out.
 */
export async function readStreams(store: Store, prefix: string): Promise<Rules> {
  const rows: Rule[] = [];
  const pages = paginateScan(
    { client: store.client },
    {
      TableName: tableOf(store, 'rules'),
      ConsistentRead: true,
      FilterExpression: 'begins_with(#partition, :prefix)',
      ExpressionAttributeNames: { '#partition': partition },
      ExpressionAttributeValues: { ':prefix': prefix },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { data } = rule.safeParse(item);
      if (data !== undefined) rows.push(data);
    }
  }
  return rulesIn(rows);
}
