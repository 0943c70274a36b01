import { z } from 'zod';
import { testEndpoints } from './harness.ts';
import { startHttpProxy, type Call, type Verdict } from './http-proxy.ts';

/** Engines that note which actions of IAM the calls through them need. */
export type RecordedCalls = {
  readonly sqs: string;
  readonly dynamodb: string;
  /** Each once, like `table events GetItem` or `queue events-dlq SendMessage`, in order. */
  readonly needed: () => string[];
  /** From now on DynamoDB is away, or back. */
  readonly setAway: (isAway: boolean) => void;
  readonly stop: () => Promise<void>;
};

const target = z.string().transform((text) => text.split('.').at(-1) ?? '');
const named = z.object({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).default({}),
  QueueName: z.string().optional(),
  QueueUrl: z.string().optional(),
});

/** Starts them in front of the test engines; names are noted without the prefix. */
export async function recordCalls(prefix: string): Promise<RecordedCalls> {
  const found = new Set<string>();
  let isAway = false;
  const note = ({ headers, body }: Call, stage: 'before' | 'after'): Verdict => {
    if (stage === 'after') return 'pass';
    const operation = target.parse(headers['x-amz-target']);
    const { TableName, RequestItems, QueueName, QueueUrl } = named.parse(JSON.parse(body));
    const tables = [...Object.keys(RequestItems), ...(TableName === undefined ? [] : [TableName])];
    for (const table of tables) found.add(`table ${table.slice(prefix.length)} ${operation}`);
    const queue = QueueName ?? QueueUrl?.split('/').at(-1);
    // The batches of SQS are permitted with their single actions.
    if (queue !== undefined)
      found.add(`queue ${queue.slice(prefix.length)} ${operation.replace(/^(.*)Batch$/, '$1')}`);
    return isAway && tables.length > 0 ? 'drop' : 'pass';
  };
  const at = testEndpoints();
  const [sqs, dynamodb] = [await startHttpProxy(at.sqs, note), await startHttpProxy(at.dynamodb, note)];
  return {
    sqs: sqs.url,
    dynamodb: dynamodb.url,
    needed: () => [...found].toSorted(),
    setAway: (away) => {
      isAway = away;
    },
    stop: async () => {
      await sqs.stop();
      await dynamodb.stop();
    },
  };
}
