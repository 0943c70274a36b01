import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { utc } from '../../events/time.ts';
import { tableOf, type Store } from '../store.ts';
import { stateTable } from './state-rows.ts';

/** Times without coverage, a row each, kept for 30 days: what happened in a night is judged by them long after. */

const prefix = 'gap/';
const gapRow = z.object({ details: z.object({ from: z.number(), to: z.number() }) });

/** A time without an ingress or a consumer. Ronda's time, ms UTC. */
type Gap = z.infer<typeof gapRow>['details'];

/** Keeps a gap; kept once, however many see it. */
export async function keepGap(store: Store, { from, to }: Gap): Promise<void> {
  await stateTable(store).create({
    key: `${prefix}${utc(from)}`,
    created_at: utc(to),
    details: { from, to },
  });
}

/** The gaps that are kept, oldest first. A scan of a small table. */
export async function readGaps(store: Store): Promise<Gap[]> {
  const gaps: Gap[] = [];
  const pages = paginateScan(
    { client: store.client },
    {
      TableName: tableOf(store, 'state'),
      ConsistentRead: true,
      FilterExpression: 'begins_with(#key, :prefix)',
      ExpressionAttributeNames: { '#key': 'key' },
      ExpressionAttributeValues: { ':prefix': prefix },
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const { data } = gapRow.safeParse(item);
      if (data !== undefined) gaps.push(data.details);
    }
  }
  return gaps.sort((a, b) => a.from - b.from);
}
