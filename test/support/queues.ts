import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { stringAttributes } from '../../src/queue/publisher.ts';

/** Sends one message straight to a queue, as a service with AWS credentials does. @returns its MessageId */
export async function send(
  sqs: SQSClient,
  QueueUrl: string,
  body: unknown,
  attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { MessageId = '' } = await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      MessageAttributes: stringAttributes(attributes),
    }),
  );
  return MessageId;
}

/** Receives up to ten messages with all their attributes; they stay in the queue. Waits a second for the first. */
export async function receive(sqs: SQSClient, QueueUrl: string, visibilitySeconds = 30): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      VisibilityTimeout: visibilitySeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}

/** The user attributes of a message as a plain object. */
export function attributesOf({ MessageAttributes = {} }: Message): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
  );
}

/** How many messages a queue holds: waiting, and received but neither deleted nor given back. */
export async function depth(sqs: SQSClient, QueueUrl: string): Promise<{ waiting: number; inHand: number }> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    waiting: Number(Attributes['ApproximateNumberOfMessages']),
    inHand: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
  };
}

export async function isEmpty(sqs: SQSClient, QueueUrl: string): Promise<boolean> {
  const { waiting, inHand } = await depth(sqs, QueueUrl);
  return waiting + inHand === 0;
}
