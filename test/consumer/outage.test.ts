import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { utc } from '../../src/events/time.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createDynamoDbClient, documentsOf } from '../../src/store/client.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { createBackend, startTestConsumer, testEndpoints, type TestBackend } from '../support/harness.ts';
import { keptLog, type LogLine } from '../support/log-lines.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { depth, isEmpty, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { undone } from '../support/undo.ts';

const stopped = 'circuit breaker open: a dependency is away, not receiving until it answers';
const stillAway = 'circuit breaker still open: a dependency is away';
const back = 'circuit breaker closed: dependencies answer again, receiving';
const time = utc(createClock().real() - 1_800_000);
const none = { waiting: 0, inHand: 0 };

const undo = undone(afterEach);
let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend();
  undo.push(backend.close);
});
test('while DynamoDB is away nothing is received or dead-lettered, and all is applied after it', async () => {
  const { sqs, queues } = backend;
  const proxy = await proxyTo(testEndpoints().dynamodb);
  const dynamodb = createDynamoDbClient(proxy.url);
  undo.push(() => {
    dynamodb.destroy();
  });
  const receiveCounts = watchReceives(sqs.receive);
  const { log, lines } = keptLog();
  const store = { ...backend.store, client: documentsOf(dynamodb) };
  const consumer = startTestConsumer({ ...backend, store }, { pollers: 3, log });
  undo.push(consumer.stop);
  await sendBeats('before', 5);
  await applied('before', 5);

  proxy.cut();
  await sendBeats('during', 20);
  await until('the consumer has noticed', () => said(lines, stopped) === 1);
  await until('whatever was being received has come back', async () => {
    const { waiting, inHand } = await depth(sqs.send, queues.events.url);
    return waiting + inHand === 20 && consumer.counts().retried >= inHand;
  });
  const received = receiveCounts.length;
  await sendBeats('later', 20);
  await until('it has looked twice whether DynamoDB is back', () => said(lines, stillAway) === 2);
  expect(receiveCounts).toHaveLength(received);
  expect(consumer.counts()).toMatchObject({ recorded: 5, 'dead-lettered': 0 });
  expect(proxy.refused()).toBeGreaterThan(0);

  proxy.rebuild();
  await applied('during', 20);
  await applied('later', 20);
  await until('the queue is empty', () => isEmpty(sqs.send, queues.events.url));
  expect(await depth(sqs.send, queues.events.deadLetterUrl)).toEqual(none);
  expect(consumer.counts()).toMatchObject({ recorded: 45, 'dead-lettered': 0 });
  expect(Math.max(...receiveCounts)).toBeLessThanOrEqual(2);
  expect({ stops: said(lines, stopped), returns: said(lines, back) }).toEqual({ stops: 1, returns: 1 });
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('while SQS is away the consumer waits for it, and says so once', async () => {
  const proxy = await proxyTo(testEndpoints().sqs);
  const sqs = { send: createSqsClient('send', proxy.url), receive: createSqsClient('receive', proxy.url) };
  undo.push(() => {
    sqs.send.destroy();
    sqs.receive.destroy();
  });
  const { log, lines } = keptLog();
  // A second: the SQS engine gives the next messages to the long polls that were cut off, so to nobody.
  const consumer = startTestConsumer({ ...backend, sqs }, { pollers: 3, visibilitySeconds: 1, log });
  undo.push(consumer.stop);
  await sendBeats('before', 1);
  await applied('before', 1);

  proxy.cut();
  await until('it has looked twice whether SQS is back', () => said(lines, stillAway) === 2);
  expect({ stops: said(lines, stopped), returns: said(lines, back) }).toEqual({ stops: 1, returns: 0 });
  proxy.rebuild();
  await until('it receives again', () => said(lines, back) === 1);
  await sendBeats('after', 5);
  await applied('after', 5);
});

async function proxyTo(target: string): Promise<Proxy> {
  const proxy = await startProxy(target);
  undo.push(proxy.stop);
  return proxy;
}

/** The receive count of every message that a client receives from now on. */
function watchReceives(client: SQSClient): number[] {
  const counts: number[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const messages = 'Messages' in result.output ? (result.output.Messages ?? []) : [];
      counts.push(...messages.map(({ Attributes }) => Number(Attributes?.ApproximateReceiveCount)));
      return result;
    },
    { step: 'initialize' },
  );
  return counts;
}

async function sendBeats(name: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const body = { type: 'heartbeat', scheduler_id: `${name}-${n}`, timestamp: time };
    await send(backend.sqs.send, backend.queues.events.url, body);
  }
}

async function applied(name: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`);
  await until(`all of ${name} is applied`, async () => {
    const rows = await Promise.all(ids.map((id) => readRow(backend.store, id)));
    return rows.every((row) => row?.state?.heartbeat?.at === time);
  });
}

function said(lines: readonly LogLine[], message: string): number {
  return lines.filter(({ msg }) => msg === message).length;
}
