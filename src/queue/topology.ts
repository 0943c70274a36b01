import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { DependencyError } from '../errors.ts';

/** Every queue, once: what provisioning creates and the roles open. */
export const queues = {
  /** What producers send. */
  events: { name: 'events', maxReceiveCount: 100 },
  /** Alerts to be posted; Slack being away is not a failed attempt. */
  notices: { name: 'notices', maxReceiveCount: 1_000 },
} as const;

export type QueueName = keyof typeof queues;

const day = 86_400;
export const retentionSeconds = 4 * day;
export const deadLetterRetentionSeconds = 14 * day;
export const longPollSeconds = 20;

/** A queue's name in SQS. */
export function queueName(prefix: string, queue: QueueName): string {
  return `${prefix}${queues[queue].name}`;
}

/** The name in SQS of a queue's dead-letter queue. */
export function deadLetterName(prefix: string, queue: QueueName): string {
  return `${queueName(prefix, queue)}-dlq`;
}

export type QueueUrls = Readonly<Record<QueueName, { readonly url: string; readonly deadLetterUrl: string }>>;

/** The URLs of all queues. @throws DependencyError when SQS is away or a queue is missing */
export async function openQueues(sqs: SQSClient, prefix: string): Promise<QueueUrls> {
  const urlOf = async (name: string): Promise<string> => {
    try {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
      if (QueueUrl !== undefined) return QueueUrl;
      throw new Error('it has no URL');
    } catch (error) {
      throw new DependencyError(`queue ${name} (create it with "ronda provision")`, error);
    }
  };
  const open = async (queue: QueueName) => ({
    url: await urlOf(queueName(prefix, queue)),
    deadLetterUrl: await urlOf(deadLetterName(prefix, queue)),
  });
  return { events: await open('events'), notices: await open('notices') };
}
