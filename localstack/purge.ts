import { DescribeTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { errorName } from '../src/errors.ts';

export type PurgeOptions = {
  readonly client: DynamoDBDocumentClient;
  /** Real time, ms UTC: what DynamoDB's own TTL would go by. */
  readonly now: number;
  readonly signal?: AbortSignal;
};

/**
 * Deletes what DynamoDB's TTL would have deleted by `now`: in every table, items whose number `expires_at`
 * (epoch seconds) is past. An item that is written again meanwhile with a later expiry stays.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 * @returns how many items went
 */
export async function purgeExpired({ client, now, signal }: PurgeOptions): Promise<number> {
  const seconds = Math.floor(now / 1000);
  let purged = 0;
  for (const table of await tableNames(client)) {
    if (signal?.aborted === true) return purged;
    try {
      purged += await purgeTable(client, table, seconds, signal);
    } catch (error) {
      // Dropped between the listing and now: then there is nothing to purge.
      if (errorName(error) !== 'ResourceNotFoundException') throw error;
    }
  }
  return purged;
}

async function tableNames(client: DynamoDBDocumentClient): Promise<string[]> {
  const names: string[] = [];
  let last: string | undefined;
  do {
    const page = await client.send(new ListTablesCommand({ ExclusiveStartTableName: last }));
    names.push(...(page.TableNames ?? []));
    last = page.LastEvaluatedTableName;
  } while (last !== undefined);
  return names;
}

async function purgeTable(
  client: DynamoDBDocumentClient,
  table: string,
  now: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const described = await client.send(new DescribeTableCommand({ TableName: table }));
  const keyNames = (described.Table?.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
  const expired = {
    ExpressionAttributeNames: { '#expires_at': 'expires_at' },
    ExpressionAttributeValues: { ':now': now },
  };
  let purged = 0;
  const scan = paginateScan(
    { client },
    { TableName: table, FilterExpression: '#expires_at < :now', ...expired },
  );
  for await (const page of scan) {
    for (const item of page.Items ?? []) {
      if (signal?.aborted === true) return purged;
      const Key = Object.fromEntries(keyNames.map((name): [string, unknown] => [name, item[name]]));
      try {
        await client.send(
          new DeleteCommand({ TableName: table, Key, ConditionExpression: '#expires_at < :now', ...expired }),
        );
        purged += 1;
      } catch (error) {
        if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
      }
    }
  }
  return purged;
}
