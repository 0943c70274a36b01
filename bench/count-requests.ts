import { z } from 'zod';
import type { TestBackend } from '../test/support/harness.ts';

export type Count = {
  requests: number;
  /** Items that the requests read or wrote: what DynamoDB bills, however many go into one request. */
  items: number;
};

/** Counts by service and `command table`, or `command` where there is no table. */
export type Tally = {
  readonly sqs: Map<string, Count>;
  readonly dynamodb: Map<string, Count>;
  /**
   * Receives that brought nothing, apart: their number depends on how long it is quiet, and the embedded
   * engine wakes every waiting poller at every message, which AWS does not.
   */
  readonly emptyReceives: Map<string, Count>;
};

const keysOrPuts = z.union([z.array(z.unknown()), z.object({ Keys: z.array(z.unknown()) })]);
const addressed = z.object({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), keysOrPuts).optional(),
});
const received = z.object({ Messages: z.array(z.unknown()).optional() });

/**
 * Counts from now on every request of a backend's clients that was answered. It sits behind the SDK's own
 * retries, so they count too, as on the bill; a receive that was cut off does not.
 */
export function countRequests({ sqs, store, prefix }: TestBackend): Tally {
  const tally: Tally = { sqs: new Map(), dynamodb: new Map(), emptyReceives: new Map() };
  for (const client of [sqs.send, sqs.receive]) {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          const empty =
            commandName === 'ReceiveMessageCommand' && received.parse(answer.output).Messages === undefined;
          add(empty ? tally.emptyReceives : tally.sqs, plain(commandName), 1);
          return answer;
        },
      { step: 'deserialize', priority: 'high', name: 'countRequests' },
    );
  }
  store.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        const { TableName, RequestItems = {} } = addressed.parse(args.input);
        if (TableName !== undefined) add(tally.dynamodb, nameOf(commandName, TableName), 1);
        for (const [table, batch] of Object.entries(RequestItems)) {
          add(
            tally.dynamodb,
            nameOf(commandName, table),
            Array.isArray(batch) ? batch.length : batch.Keys.length,
          );
        }
        return answer;
      },
    { step: 'deserialize', priority: 'low', name: 'countRequests' },
  );
  return tally;

  function nameOf(commandName: string | undefined, table: string): string {
    return `${plain(commandName)} ${table.slice(prefix.length)}`;
  }
}

/** Forgets what was counted so far. */
export function restart(tally: Tally): void {
  tally.sqs.clear();
  tally.dynamodb.clear();
  tally.emptyReceives.clear();
}

export function total(counts: ReadonlyMap<string, Count>): Count {
  let [requests, items] = [0, 0];
  for (const count of counts.values()) {
    requests += count.requests;
    items += count.items;
  }
  return { requests, items };
}

/** `PutItem events 1.00 + BatchGetItem schedulers 0.10`. */
export function perEvent(counts: ReadonlyMap<string, Count>, events: number): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b.requests - a.requests)
    .map(([name, { requests }]) => `${name} ${(requests / events).toFixed(2)}`)
    .join(' + ');
}

function add(counts: Map<string, Count>, name: string, items: number): void {
  const count = counts.get(name) ?? { requests: 0, items: 0 };
  counts.set(name, { requests: count.requests + 1, items: count.items + items });
}

function plain(commandName: string | undefined): string {
  return (commandName ?? 'unknown').replace(/Command$/, '');
}
