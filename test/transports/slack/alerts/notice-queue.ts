import { CreateQueueCommand, type Message } from '@aws-sdk/client-sqs';
import { afterAll } from '@jest/globals';
import { z } from 'zod';
import { createSqsClient } from '../../../../src/queue/client.ts';
import { createPublisher } from '../../../../src/queue/publisher.ts';
import { handleNotices, openBatches } from '../../../../src/watch/notice-consumer.ts';
import { testEndpoints } from '../../../support/harness.ts';
import { receive, send } from '../../../support/queues.ts';
import { until } from '../../../support/until.ts';
import { shared, type Replica } from './alert-world.ts';

/** A notices queue of one test's own, and processes that are handed what was received from it. */

const timed = z.object({ Entries: z.array(z.object({ VisibilityTimeout: z.number() })) });
const clients: (() => void)[] = [];
afterAll(() => {
  for (const close of clients.splice(0)) close();
});

export type Delivery = {
  /** For each message the word `done`, or after how many seconds it comes again; null: when nobody timed it. */
  readonly handle: (...messages: Message[]) => Promise<('done' | number | null)[]>;
  /** Why receiving was stopped. */
  readonly closed: unknown[];
};

let born = 0;

export async function openNoticeQueue() {
  const { sqs, prefix } = shared().backend;
  born += 1;
  const name = `${prefix}notices-${born}`;
  const urlOf = async (QueueName: string): Promise<string> => {
    const { QueueUrl = '' } = await sqs.send.send(new CreateQueueCommand({ QueueName }));
    return QueueUrl;
  };
  const [url, deadLetterUrl] = [await urlOf(name), await urlOf(`${name}-dlq`)];
  return {
    url,
    deadLetterUrl,
    /** Sends these bodies and receives them, in this order. */
    delivered: async (...bodies: unknown[]): Promise<Message[]> => {
      const ids: string[] = [];
      for (const body of bodies) ids.push(await send(sqs.send, url, body));
      const found = new Map<string | undefined, Message>();
      await until('all of it is received', async () => {
        for (const message of await receive(sqs.receive, url, 600)) found.set(message.MessageId, message);
        return ids.every((id) => found.has(id));
      });
      return ids.flatMap((id) => found.get(id) ?? []);
    },
    /** A process that handles what is received here for a replica. */
    process: ({ context }: Replica): Delivery => {
      const client = createSqsClient('send', testEndpoints().sqs);
      clients.push(() => {
        client.destroy();
      });
      let times: number[] = [];
      client.middlewareStack.add(
        (next) => async (args) => {
          times.push(
            ...(timed.safeParse(args.input).data?.Entries ?? []).map((one) => one.VisibilityTimeout),
          );
          return await next(args);
        },
        { step: 'initialize' },
      );
      const closed: unknown[] = [];
      const batch = openBatches({
        context,
        breaker: { closed: () => Promise.resolve(), open: (cause) => closed.push(cause) },
        sqs: client,
        url,
        deadLetters: createPublisher(sqs.send, deadLetterUrl),
      });
      return {
        closed,
        handle: async (...messages) => {
          times = [];
          const done = new Set(await handleNotices(batch, messages));
          const waits = [...times];
          return messages.map((message) => (done.has(message) ? 'done' : (waits.shift() ?? null)));
        },
      };
    },
  };
}

/** The same message, received for the nth time. */
export function again(message: Message | undefined, receiveCount: number): Message {
  return {
    ...message,
    Attributes: { ...message?.Attributes, ApproximateReceiveCount: String(receiveCount) },
  };
}
