import { expect, test } from '@jest/globals';
import { createSqsClient } from '../../src/queue/client.ts';
import { deadLetterName, openQueues, queueName } from '../../src/queue/topology.ts';
import { openBackend } from '../support/open.ts';

const backend = await openBackend();

test('queues and dead-letter queues have the names that the operating contract gives them', () => {
  expect(
    (['events', 'notices'] as const).flatMap((queue) => [
      queueName('ronda-', queue),
      deadLetterName('ronda-', queue),
    ]),
  ).toEqual(['ronda-events', 'ronda-events-dlq', 'ronda-notices', 'ronda-notices-dlq']);
});

test('all four are opened by name', async () => {
  const { events, notices } = await openQueues(backend.sqs.send, backend.prefix);
  const names = [events.url, events.deadLetterUrl, notices.url, notices.deadLetterUrl].map((url) =>
    url.slice(url.lastIndexOf('/') + 1 + backend.prefix.length),
  );
  expect(names).toEqual(['events', 'events-dlq', 'notices', 'notices-dlq']);
});

test('a queue that is missing is named, with the way to make it', async () => {
  await expect(openQueues(backend.sqs.send, `${backend.prefix}none-`)).rejects.toMatchObject({
    code: 'DEPENDENCY',
    dependency: `queue ${backend.prefix}none-events (create it with "ronda provision")`,
  });
});

test('an SQS that is away is a dependency that is away', async () => {
  const client = createSqsClient('send', 'http://127.0.0.1:1');
  await expect(openQueues(client, 'ronda-')).rejects.toMatchObject({ code: 'DEPENDENCY' });
  client.destroy();
});
