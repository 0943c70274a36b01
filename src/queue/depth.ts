import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';

const counts: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** Whether a queue has messages: waiting, in somebody's hand, or delayed until a further try. As far as SQS knows. */
export async function hasMessages(sqs: SQSClient, QueueUrl: string): Promise<boolean> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: counts }));
  return counts.some((name) => Number(Attributes?.[name] ?? 0) > 0);
}
