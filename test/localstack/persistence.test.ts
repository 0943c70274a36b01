import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { startChild } from '../../localstack/engines-child.ts';
import { cleanUp, clientsOf, createTable, kill, newDataDir } from './fixtures.ts';

const after = cleanUp();

test('what was accepted or given back before a SIGKILL is there after it, at the same endpoints', async () => {
  const dataDir = await newDataDir(after);
  const first = await startChild({ dataDir });
  after(first.stop);
  const { sqs, dynamodb } = clientsOf(first.at, after);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
  const { QueueUrl: looked } = await sqs.send(new CreateQueueCommand({ QueueName: 'looked-at' }));
  const look = { QueueUrl: looked, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All' as const] };
  await sqs.send(new SendMessageCommand({ ...look, MessageBody: 'looked at' }));
  for (const times of ['1', '2']) {
    const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand(look));
    expect(message?.Attributes?.ApproximateReceiveCount).toBe(times);
    const { ReceiptHandle } = message ?? {};
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: looked, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  }
  await createTable(dynamodb, 'states', 'id');
  await dynamodb.send(new PutCommand({ TableName: 'states', Item: { id: 'a', status: 'running' } }));

  kill(first.pid);
  expect(await first.exited).toBe('ended by SIGKILL');
  const second = await startChild({ dataDir });
  after(second.stop);

  expect(second.at).toEqual(first.at);
  const again = clientsOf(second.at, after);
  const received = await again.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(received.Messages?.map(({ Body }) => Body)).toEqual(['kept']);
  const { Messages: [third] = [] } = await again.sqs.send(new ReceiveMessageCommand(look));
  expect(third?.Attributes?.ApproximateReceiveCount).toBe('3');
  const stored = await again.dynamodb.send(new GetCommand({ TableName: 'states', Key: { id: 'a' } }));
  expect(stored.Item).toEqual({ id: 'a', status: 'running' });
});

test('engines in memory keep nothing, neither data nor files', async () => {
  const first = await startChild({ dataDir: ':memory:' });
  const before = clientsOf(first.at, after);
  await createTable(before.dynamodb, 'states', 'id');
  await first.stop();
  const second = await startChild({ dataDir: ':memory:', at: first.at });
  after(second.stop);
  const { dynamodb } = clientsOf(second.at, after);
  const get = dynamodb.send(new GetCommand({ TableName: 'states', Key: { id: 'a' } }));
  await expect(get).rejects.toThrow(/not found/i);
});
