import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { listening } from '../support/listening.ts';

const entry = z.object({
  Id: z.string(),
  MessageBody: z.string(),
  MessageGroupId: z.string().optional(),
  MessageAttributes: z
    .record(z.string(), z.object({ DataType: z.string(), StringValue: z.string() }))
    .optional(),
});
const batch = z.object({ QueueUrl: z.string(), Entries: z.array(entry) });
export type Entry = z.infer<typeof entry>;

/** What it answers to one entry: stored, refused with a message, or not mentioned at all. */
export type Verdict = 'stored' | 'unmentioned' | { readonly refused: string; readonly fault?: 'sender' };

/** SQS as the SDK sees it, for `SendMessageBatch` alone: what no engine can be made to answer, this one does. */
export type SqsDouble = {
  readonly url: string;
  /** The entries of each request, in the order of their arrival. */
  readonly requests: Entry[][];
  /** Keeps answers back until the function that it gives is called. */
  readonly hold: () => () => void;
  /** Refuses every request that has an entry with this body, as a whole. */
  readonly refuseBatchesWith: (body: string) => void;
  readonly stop: () => Promise<void>;
};

export async function startSqsDouble(judge: (entry: Entry) => Verdict = () => 'stored'): Promise<SqsDouble> {
  const requests: Entry[][] = [];
  let held: Promise<void> = Promise.resolve();
  let poison: string | undefined;

  const answer = (body: string): object | undefined => {
    const { Entries } = batch.parse(JSON.parse(body));
    requests.push(Entries);
    if (poison !== undefined && Entries.some(({ MessageBody }) => MessageBody === poison)) return undefined;
    const judged = Entries.map((sent) => ({ sent, verdict: judge(sent) }));
    return {
      Successful: judged.flatMap(({ sent, verdict }) =>
        verdict === 'stored'
          ? [{ Id: sent.Id, MessageId: `m-${sent.Id}`, MD5OfMessageBody: md5(sent.MessageBody) }]
          : [],
      ),
      Failed: judged.flatMap(({ sent, verdict }) =>
        typeof verdict === 'object'
          ? [
              {
                Id: sent.Id,
                Code: 'InternalError',
                Message: verdict.refused,
                SenderFault: verdict.fault === 'sender',
              },
            ]
          : [],
      ),
    };
  };
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const answered = answer(body);
      const refusal = { __type: 'com.amazonaws.sqs#InvalidMessageContents', message: 'no such characters' };
      const reply = JSON.stringify(answered ?? refusal);
      await held;
      response.statusCode = answered === undefined ? 400 : 200;
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(reply);
    });
  });
  const port = await listening(server);

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      held = promise.then(() => undefined);
      return () => {
        resolve(undefined);
      };
    },
    refuseBatchesWith: (body) => {
      poison = body;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function md5(body: string): string {
  return createHash('md5').update(body).digest('hex');
}
