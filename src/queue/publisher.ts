import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { DependencyError, isRefusal, RefusedMessageError } from '../errors.ts';

export type Outgoing = {
  readonly body: string;
  /** String attributes. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Attributes of any type that another message had; one of `attributes` takes the place of its namesake. */
  readonly carried?: Attributes | undefined;
  /** On a standard queue: the tenant, for SQS fair queues. */
  readonly groupId?: string | undefined;
};

/** Message attributes in the form of the SDK. */
export type Attributes = Readonly<Record<string, MessageAttributeValue>>;

export type Publisher = {
  /** Resolves when SQS has stored this very message. @throws DependencyError when it did not */
  readonly send: (message: Outgoing) => Promise<void>;
  /** Sends what is waiting and resolves when all of it is answered. */
  readonly close: () => Promise<void>;
};

const maxEntries = 10;
/** The smallest payload limit among the engines Ronda runs on; AWS itself takes 1 MiB since 2025. */
const maxBatchBytes = 256 * 1024;
const lingerMs = 5;

type Waiting = {
  readonly message: Outgoing;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: DependencyError) => void;
};

/**
 * Gathers messages into `SendMessageBatch` calls: a tenth of the requests under load, at most 5 ms later.
 * Each sender learns of its own entry alone; one that SQS refuses fails nobody else's.
 */
export function createPublisher(sqs: SQSClient, queueUrl: string): Publisher {
  let batch: Waiting[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const underway = new Set<Promise<void>>();

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (batch.length === 0) return;
    const sending = sendBatch(sqs, queueUrl, batch).finally(() => underway.delete(sending));
    underway.add(sending);
    batch = [];
    bytes = 0;
  }

  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        const size = sizeOf(message);
        if (bytes + size > maxBatchBytes) flush();
        batch.push({ message, bytes: size, resolve, reject });
        bytes += size;
        if (batch.length === maxEntries) flush();
        else timer ??= setTimeout(flush, lingerMs);
      }),
    close: async () => {
      flush();
      await Promise.all(underway);
    },
  };
}

async function sendBatch(sqs: SQSClient, queueUrl: string, batch: readonly Waiting[]): Promise<void> {
  try {
    const answer = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map(({ message }, index) => entryOf(message, String(index))),
      }),
    );
    const accepted = new Set(answer.Successful?.map(({ Id }) => Id));
    const failed = new Map(answer.Failed?.map((entry) => [entry.Id, entry]));
    batch.forEach(({ resolve, reject }, index) => {
      const { Code, Message = Code, SenderFault = false } = failed.get(String(index)) ?? {};
      if (accepted.has(String(index))) resolve();
      else if (SenderFault) reject(new RefusedMessageError('queue', Message));
      else reject(new DependencyError('queue', Message ?? 'no answer for this message'));
    });
  } catch (error) {
    const [only] = batch;
    // Some refuse a batch for one of its messages: which one, each of them alone tells.
    if (!isRefusal(error)) for (const { reject } of batch) reject(new DependencyError('queue', error));
    else if (only !== undefined && batch.length === 1) only.reject(new RefusedMessageError('queue', error));
    else await Promise.all(batch.map((waiting) => sendBatch(sqs, queueUrl, [waiting])));
  }
}

function entryOf({ body, groupId, ...outgoing }: Outgoing, id: string): SendMessageBatchRequestEntry {
  return {
    Id: id,
    MessageBody: body,
    MessageAttributes: attributesOf(outgoing),
    ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
  };
}

/** Message attributes of type String, in the form of the SDK. */
export function stringAttributes(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

function attributesOf({ attributes = {}, carried }: Pick<Outgoing, 'attributes' | 'carried'>): Attributes {
  return { ...carried, ...stringAttributes(attributes) };
}

/**
 * What SQS counts of a message, in bytes: its body, and name, type and value of every attribute.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export function sizeOf({ body, ...outgoing }: Outgoing): number {
  return Object.entries(attributesOf(outgoing)).reduce(
    (sum, [name, attribute]) => sum + sizeOfAttribute(name, attribute),
    Buffer.byteLength(body),
  );
}

/** What SQS counts of one attribute, in bytes. */
export function sizeOfAttribute(name: string, attribute: MessageAttributeValue): number {
  const { DataType = '', StringValue = '', BinaryValue } = attribute;
  return Buffer.byteLength(`${name}${DataType}${StringValue}`) + (BinaryValue?.byteLength ?? 0);
}
