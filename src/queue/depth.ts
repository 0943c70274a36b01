import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';

const counts: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** How many messages a queue has: waiting, in somebody's hand, or delayed until a further try. As far as SQS knows. */
export async function messagesIn(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: counts }));
  return counts.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}

/** Whether a queue has any message, as far as SQS knows. */
export async function hasMessages(sqs: SQSClient, queueUrl: string): Promise<boolean> {
  return (await messagesIn(sqs, queueUrl)) > 0;
}
