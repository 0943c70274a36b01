import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { DependencyError } from '../../errors.ts';
import { conditionHeld } from '../condition.ts';
import { tableOf, type Store } from '../store.ts';
import { expiryAttribute, tables } from '../tables.ts';

const { partition } = tables.rateLimits;
const claimRow = z.object({ service_name: z.string(), until: z.number() });

/** Far longer than a registration takes to be queued and recorded; after a crash in between the id is free again. Real ms. */
const claimMs = 60_000;
const maxTries = 3;

/**
 * Claims an id that no scheduler has yet for a service, so that of two services that register it at the same moment
 * one alone goes on: events of both would be stored, and the later one would take the scheduler from the first.
 * Whoever has claimed an id reads its row once more: somebody may have been through with it meanwhile. The claims lie
 * among the rate limits, which nothing lists, and no key's id has a `#`.
 * @returns the service that has the id: the one given, or whose claim came first
 */
export async function claimId(store: Store, schedulerId: string, service: string): Promise<string> {
  const key = { [partition]: `id#${schedulerId}` };
  const TableName = tableOf(store, 'rateLimits');
  for (let attempt = 1; attempt <= maxTries; attempt += 1) {
    const now = store.clock.real();
    const until = now + claimMs;
    const claim = store.client.send(
      new PutCommand({
        TableName,
        Item: { ...key, service_name: service, until, [expiryAttribute]: Math.ceil(until / 1_000) },
        ConditionExpression: 'attribute_not_exists(#until) OR #until <= :now OR service_name = :service',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':now': now, ':service': service },
      }),
    );
    if (await conditionHeld(claim)) return service;
    // Read for itself: not every engine hands back the item that failed a condition.
    const { Item } = await store.client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }));
    if (Item !== undefined) return claimRow.parse(Item).service_name;
  }
  throw new DependencyError('dynamodb', `it said ${maxTries} times that an id is claimed, and had no claim`);
}
