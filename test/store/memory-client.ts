import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { createDynamoDbClient, documentsOf } from '../../src/store/client.ts';
import { tables } from '../../src/store/tables.ts';

/**
 * Tables in memory behind a real document client, each request at one instant: so little of DynamoDB that what
 * happens between requests can be explored. It knows the requests of the store's event and projection tables.
 */
type Item = Readonly<Record<string, unknown>>;
const item = z.record(z.string(), z.unknown());

const request = z.object({
  TableName: z.string().optional(),
  Key: item.optional(),
  Item: item.optional(),
  ExclusiveStartKey: item.optional(),
  ConditionExpression: z.string().optional(),
  ScanIndexForward: z.boolean().default(true),
  ExpressionAttributeValues: item.default({}),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});
type Request = z.infer<typeof request>;
const keysToGet = z.object({ Keys: z.array(item) });
const putsToWrite = z.array(z.object({ PutRequest: z.object({ Item: item }) }));

/** What a request touches. */
export type Access = { readonly table: string; readonly writes: boolean };

export type MemoryTables = {
  /** A client of the same tables. `before` is awaited ahead of each of its requests. */
  readonly client: (before: (access: Access) => Promise<void>) => DynamoDBDocumentClient;
};

export function memoryTables({ eventsAPage = Infinity } = {}): MemoryTables {
  const contents = new Map<string, Map<string, Item>>();
  const tableNamed = (name: string): Map<string, Item> => {
    const table = contents.get(name) ?? new Map<string, Item>();
    contents.set(name, table);
    return table;
  };

  const answer = (command: string, input: Request): object => {
    const { Key, Item: given } = input;
    const name = tableIn(input);
    const table = tableNamed(name);
    const batch = input.RequestItems?.[name];
    switch (command) {
      case 'Get':
        return { Item: table.get(keyOf(name, Key)) };
      case 'BatchGet': {
        const found = keysToGet.parse(batch).Keys.flatMap((key) => table.get(keyOf(name, key)) ?? []);
        return { Responses: { [name]: found } };
      }
      case 'Put':
      case 'Delete': {
        const key = keyOf(name, given ?? Key);
        check(input, table.get(key));
        if (given === undefined) table.delete(key);
        else table.set(key, structuredClone(given));
        return {};
      }
      case 'BatchWrite':
        for (const { PutRequest } of putsToWrite.parse(batch))
          table.set(keyOf(name, PutRequest.Item), PutRequest.Item);
        return {};
      case 'Query': {
        const values = input.ExpressionAttributeValues;
        const isIn = (one: Item): boolean => {
          const sort = sortOf(name, one);
          const { ':first': first = '', ':last': last = '~', ':after': after = '' } = values;
          return sort >= String(first) && sort <= String(last) && sort > String(after);
        };
        const own = [...table.values()].filter((one) => one['scheduler_id'] === values[':id'] && isIn(one));
        own.sort((a, b) => (sortOf(name, a) < sortOf(name, b) ? -1 : 1));
        if (!input.ScanIndexForward) return { Items: own.reverse() };
        const start = sortOf(name, input.ExclusiveStartKey ?? {});
        const left = own.filter((one) => input.ExclusiveStartKey === undefined || sortOf(name, one) > start);
        const page = left.slice(0, eventsAPage);
        return { Items: page, ...(page.length < left.length ? { LastEvaluatedKey: page.at(-1) } : {}) };
      }
      default:
        throw new Error(`memory-client.ts does not know ${command}`);
    }
  };

  return {
    client: (before) => {
      const client = documentsOf(createDynamoDbClient('http://127.0.0.1:1'));
      client.middlewareStack.add(
        (_next, context) => async (args) => {
          const command = (context.commandName ?? '').replace(/(Item)?Command$/, '');
          const input = request.parse(args.input);
          await before({ table: tableIn(input), writes: !/Get|Query/.test(command) });
          const output = { $metadata: {}, ...answer(command, input) };
          return { output, response: undefined };
        },
        { step: 'initialize', priority: 'high', name: 'memory' },
      );
      return client;
    },
  };
}

function tableIn({ TableName, RequestItems = {} }: Request): string {
  return TableName ?? Object.keys(RequestItems)[0] ?? '';
}

function check({ ConditionExpression, ExpressionAttributeValues }: Request, there: Item | undefined): void {
  const { ':rev': rev } = ExpressionAttributeValues;
  const holds =
    ConditionExpression === undefined ||
    (ConditionExpression === '#rev = :rev' && there?.['rev'] === rev) ||
    (ConditionExpression === 'attribute_not_exists(#rev)' && there?.['rev'] === undefined) ||
    (ConditionExpression === 'attribute_not_exists(#partition)' && there === undefined);
  if (!holds) throw new ConditionalCheckFailedException({ message: 'it does not hold', $metadata: {} });
}

function sortOf(name: string, one: Item): string {
  const sort = [tables.events, tables.history].find((table) => name.endsWith(table.name))?.sort;
  return sort === undefined ? '' : String(one[sort]);
}

function keyOf(name: string, one: Item = {}): string {
  return JSON.stringify([one['scheduler_id'], sortOf(name, one)]);
}
