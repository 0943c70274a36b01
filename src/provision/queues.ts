import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  QueueNameExists,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import {
  deadLetterName,
  deadLetterRetentionSeconds,
  longPollSeconds,
  queueName,
  queues,
  retentionSeconds,
  type QueueName,
} from '../queue/topology.ts';
import type { Difference, Provisioning, Resource } from './resource.ts';

type Attributes = Readonly<Record<string, string | undefined>>;

/** A queue and the dead-letter queue behind it, that one first. */
export async function* provisionQueue(to: Provisioning, queue: QueueName): AsyncGenerator<Resource> {
  const visibility = { VisibilityTimeout: String(to.visibilitySeconds) };
  const dead = await ensureQueue(to, deadLetterName(to.prefix, queue), {
    ...visibility,
    MessageRetentionPeriod: String(deadLetterRetentionSeconds),
  });
  yield dead.resource;
  const live = await ensureQueue(to, queueName(to.prefix, queue), {
    ...visibility,
    MessageRetentionPeriod: String(retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(longPollSeconds),
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: dead.arn,
      maxReceiveCount: String(queues[queue].maxReceiveCount),
    }),
  });
  yield live.resource;
}

async function ensureQueue(
  { sqs, mode }: Provisioning,
  name: string,
  wished: Attributes,
): Promise<{ readonly resource: Resource; readonly arn: string }> {
  const resource = { kind: 'queue', name, differences: [], left_out: [] } as const;
  const there = await urlOf(sqs, name);
  if (there === undefined && mode === 'plan')
    // Who compares with it knows it by its name.
    return { resource: { ...resource, outcome: 'missing' }, arn: name };
  const QueueUrl = there ?? (await create(sqs, name, wished));
  const { Attributes: found = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const arn = found['QueueArn'] ?? '';
  const odd = oddAttributes(found, { ...wished, Policy: policyOf(arn) });
  const differences = Object.entries(odd).map(([attribute, value]) => differenceOf(attribute, found, value));
  if (differences.length > 0 && (there === undefined || mode === 'force'))
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: odd }));
  if (there === undefined) return { resource: { ...resource, outcome: 'created' }, arn };
  if (differences.length === 0) return { resource: { ...resource, outcome: 'there' }, arn };
  return { resource: { ...resource, outcome: mode === 'force' ? 'changed' : 'differs', differences }, arn };
}

async function urlOf(sqs: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

async function create(sqs: SQSClient, name: string, wished: Attributes): Promise<string> {
  const Attributes = Object.fromEntries(
    Object.entries(wished).flatMap(([attribute, value]) => (value === undefined ? [] : [[attribute, value]])),
  );
  const QueueUrl = await sqs
    .send(new CreateQueueCommand({ QueueName: name, Attributes }))
    .then(({ QueueUrl: url }) => url)
    .catch(async (error: unknown) => {
      // Somebody else has just created it, and wished otherwise.
      if (error instanceof QueueNameExists) return await urlOf(sqs, name);
      throw error;
    });
  if (QueueUrl === undefined) throw new Error(`queue ${name}: SQS gave it no URL`);
  return QueueUrl;
}

const redrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() });

function redriveText(policy: string | undefined): string {
  if (policy === undefined || policy === '') return 'none';
  const { data } = redrivePolicy.safeParse(JSON.parse(policy));
  return data === undefined
    ? policy
    : `to ${data.deadLetterTargetArn.split(':').at(-1) ?? ''} after ${data.maxReceiveCount} receives`;
}

/** Attributes by what people call them, and how they say their values. */
const attributes: Readonly<
  Record<string, { readonly what: string; readonly text: (value: string | undefined) => string }>
> = {
  MessageRetentionPeriod: { what: 'retention', text: secondsText },
  VisibilityTimeout: { what: 'visibility time-out', text: secondsText },
  ReceiveMessageWaitTimeSeconds: { what: 'wait of a receive', text: secondsText },
  RedrivePolicy: { what: 'dead letters', text: redriveText },
  Policy: { what: 'policy', text: (value = '') => (value === '' ? 'none' : 'one that denies plain HTTP') },
};

/** Of the wished attributes those that are not so. A policy is wished only where there is none: that is its owner's. */
function oddAttributes(found: Attributes, wished: Attributes): Record<string, string> {
  const odd: Record<string, string> = {};
  for (const [attribute, value = ''] of Object.entries(wished)) {
    const is = found[attribute];
    const isOdd =
      attribute === 'Policy'
        ? (is ?? '') === ''
        : attribute === 'RedrivePolicy'
          ? redriveText(is) !== redriveText(value)
          : is !== value;
    if (isOdd) odd[attribute] = value;
  }
  return odd;
}

function differenceOf(attribute: string, found: Attributes, wished: string): Difference {
  const { what, text } = attributes[attribute] ?? { what: attribute, text: (value = 'none') => value };
  return { what, is: text(found[attribute]), wished: text(wished) };
}

const units = [
  [86_400, 'days'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

/** `4 days`, `36 h`, `30 s`: in the largest unit that is exact. */
function secondsText(value: string | undefined): string {
  if (value === undefined) return 'none';
  const seconds = Number(value);
  const [size, unit] = units.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, 's'];
  return `${seconds / size} ${size === 86_400 && seconds === size ? 'day' : unit}`;
}

/**
 * Nobody reads or writes in clear text over a network. Who may send at all stays with IAM and with statements
 * that the account's owner adds for other accounts (docs/sqs.md).
 */
function policyOf(arn: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OnlyOverTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: arn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
