import { ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { z } from 'zod';
import type { Store } from '../../src/store/store.ts';

const item = z.record(z.string(), z.unknown());
const request = z.object({
  Key: item.optional(),
  Item: item.optional(),
  ExpressionAttributeValues: item.optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
});
const reads = z.looseObject({ Keys: z.array(item) });
const writes = z.array(z.object({ PutRequest: z.object({ Item: item }) }));

const throttled = (): never => {
  throw new ProvisionedThroughputExceededException({
    message: 'The level of configured provisioned throughput for the table was exceeded.',
    $metadata: { httpStatusCode: 400, attempts: 3 },
  });
};

/**
 * Throttles one partition key as DynamoDB does: a request for it alone is refused, and of a batch its keys and puts
 * are left unprocessed. `command` and `table` narrow it to requests of that kind. Undone by what it returns.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export function throttle(
  { client, prefix }: Store,
  schedulerId: string,
  { command = '', table = '' }: { readonly command?: string; readonly table?: string } = {},
): () => void {
  const name = `throttle-${schedulerId}`;
  const isIts = (key: Readonly<Record<string, unknown>> = {}): boolean => key['scheduler_id'] === schedulerId;
  const concerns = (commandName = '', tableName = ''): boolean =>
    commandName.startsWith(command) && (table === '' || tableName === `${prefix}${table}`);

  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const input = request.parse(args.input);
        const [only] = Object.entries(input.RequestItems ?? {});
        const named = 'TableName' in args.input ? String(args.input.TableName) : only?.[0];
        if (!concerns(commandName, named)) return await next(args);
        if (only === undefined) {
          const { Key, Item, ExpressionAttributeValues: values } = input;
          if (isIts(Key) || isIts(Item) || values?.[':id'] === schedulerId) throttled();
          return await next(args);
        }
        const [tableName, batch] = only;
        const { data: asked } = reads.safeParse(batch);
        const all: readonly object[] = asked?.Keys ?? writes.parse(batch);
        const left = all.filter((one) => isIts(keyOf(one)));
        if (left.length === 0) return await next(args);
        if (left.length === all.length) throttled();
        const rest = all.filter((one) => !left.includes(one));
        const forwarded = asked === undefined ? rest : { ...asked, Keys: rest };
        const result = await next({
          ...args,
          input: { ...args.input, RequestItems: { [tableName]: forwarded } },
        });
        const unprocessed =
          asked === undefined
            ? { UnprocessedItems: { [tableName]: left } }
            : { UnprocessedKeys: { [tableName]: { Keys: left } } };
        return { ...result, output: { ...result.output, ...unprocessed } };
      },
    { step: 'initialize', name, override: true },
  );
  return () => void client.middlewareStack.remove(name);
}

function keyOf(one: object): Record<string, unknown> {
  const { data: put } = z.object({ PutRequest: z.object({ Item: item }) }).safeParse(one);
  return put?.PutRequest.Item ?? item.parse(one);
}
