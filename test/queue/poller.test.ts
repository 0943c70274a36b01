import { SendMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock } from '../../src/clock.ts';
import { startPoller, type Poller, type PollerOptions } from '../../src/queue/poller.ts';
import { silent } from '../../src/log.ts';
import { createBackend, type TestBackend } from '../support/harness.ts';
import { keptLog } from '../support/log-lines.ts';
import { depth, isEmpty, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { undone } from '../support/undo.ts';

const clock = createClock();
const deletes = z.object({ Entries: z.array(z.object({ Id: z.string() })) });
const undo = undone(afterEach);
let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend();
  undo.push(backend.close);
});
test('an idle long poll does not hold a stop, and nothing is received after it', async () => {
  let handled = 0;
  const requests = countReceives();
  const poller = start({
    handle: () => {
      handled += 1;
      return Promise.resolve([]);
    },
  });
  await until('it polls', () => requests() === 1);
  const began = clock.real();
  await poller.stop();
  expect(clock.real() - began).toBeLessThan(10_000);

  await send(backend.sqs.send, backend.queues.events.url, 'late');
  const { waiting, inHand } = await depth(backend.sqs.send, backend.queues.events.url);
  expect(waiting + inHand).toBe(1);
  expect(requests()).toBe(1);
  expect(handled).toBe(0);
});

test('a stop waits until the batch in hand is handled and deleted, and receives no other', async () => {
  const hold = Promise.withResolvers<undefined>();
  const handled: Message[][] = [];
  const requests = countReceives();
  await sendMany(13);
  const poller = start({
    handle: async (messages) => {
      handled.push(messages);
      await hold.promise;
      return messages;
    },
  });
  await until('a batch is in hand', () => handled.length === 1);
  let ended = false;
  const stop = poller.stop().then(() => {
    ended = true;
  });
  expect(await depth(backend.sqs.send, backend.queues.events.url)).toEqual({ waiting: 3, inHand: 10 });
  expect(ended).toBe(false);
  hold.resolve(undefined);
  await stop;
  expect(await depth(backend.sqs.send, backend.queues.events.url)).toEqual({ waiting: 3, inHand: 0 });
  expect(handled).toHaveLength(1);
  expect(requests()).toBe(1);
});

test('a second stop waits for the same batch', async () => {
  const hold = Promise.withResolvers<undefined>();
  let inHand = false;
  await sendMany(1);
  const poller = start({
    handle: async (messages) => {
      inHand = true;
      await hold.promise;
      return messages;
    },
  });
  await until('a batch is in hand', () => inHand);
  const stops = [poller.stop(), poller.stop()];
  hold.resolve(undefined);
  await Promise.all(stops);
  expect(await isEmpty(backend.sqs.send, backend.queues.events.url)).toBe(true);
});

test('only what the handler gives back is deleted', async () => {
  await sendMany(3);
  let kept: Message | undefined;
  const poller = start({
    handle: (messages) => {
      kept = messages[1];
      return Promise.resolve(messages.filter((message) => message !== kept));
    },
  });
  await until('the others are deleted', async () => {
    const { waiting, inHand } = await depth(backend.sqs.send, backend.queues.events.url);
    return kept !== undefined && waiting === 0 && inHand === 1;
  });
  await poller.stop();
});

test('a batch that takes longer than the visibility time-out is not given to anybody else', async () => {
  const hold = Promise.withResolvers<undefined>();
  const handled: string[] = [];
  await sendMany(2);
  const handle = async (messages: Message[]): Promise<Message[]> => {
    handled.push(...messages.map(({ Body = '' }) => Body));
    await hold.promise;
    return messages;
  };
  const pollers = [start({ handle, visibilitySeconds: 1 }), start({ handle, visibilitySeconds: 1 })];
  await until('both messages are in hand', () => handled.length === 2);
  const began = clock.real();
  await until('two and a half time-outs have passed', () => clock.real() - began > 2_500);
  hold.resolve(undefined);
  await Promise.all(pollers.map((poller) => poller.stop()));
  expect(handled.sort()).toEqual(['0', '1']);
  expect(await isEmpty(backend.sqs.send, backend.queues.events.url)).toBe(true);
});

test('a handler that throws is logged as an error, and its batch comes again', async () => {
  const { log, lines } = keptLog();
  let tries = 0;
  await sendMany(1);
  const poller = start({
    log,
    visibilitySeconds: 1,
    handle: (messages) => {
      tries += 1;
      return tries === 1 ? Promise.reject(new TypeError('cells is not iterable')) : Promise.resolve(messages);
    },
  });
  await until('it is handled again', () => tries === 2);
  await until('it is deleted', () => isEmpty(backend.sqs.send, backend.queues.events.url));
  await poller.stop();
  expect(lines.map(({ level, msg }) => ({ level, msg }))).toEqual([
    { level: 'error', msg: 'consumer: a batch was not handled' },
  ]);
});

test('a message that SQS did not delete with its batch is a warning: it comes again, harmlessly', async () => {
  const { log, lines } = keptLog();
  let refused = 0;
  backend.sqs.receive.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== 'DeleteMessageBatchCommand' || refused > 0) return await next(args);
        refused += 1;
        const { Entries } = deletes.parse(args.input);
        const Failed = Entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }));
        return { output: { $metadata: {}, Successful: [], Failed }, response: undefined };
      },
    { step: 'initialize' },
  );
  await sendMany(1);
  const poller = start({ log, visibilitySeconds: 1 });
  await until('it is deleted after all', async () => {
    return refused === 1 && (await isEmpty(backend.sqs.send, backend.queues.events.url));
  });
  await poller.stop();
  expect(lines.map(({ level, msg }) => ({ level, msg }))).toEqual([
    { level: 'warn', msg: 'queue: messages in hand not kept or not deleted; they come again, harmlessly' },
  ]);
});

test('a failed receive opens the circuit breaker, and one that stopping broke off is no failure of ours', async () => {
  const opened: unknown[] = [];
  const breaker = { closed: () => Promise.resolve(), open: (cause: unknown) => opened.push(cause) };
  const { log, lines } = keptLog();
  const missing = `${backend.queues.events.url}-of-nobody`;
  const poller = start({ breaker, log, queueUrl: missing });
  await until('the circuit breaker is open', () => opened.length > 0);
  await poller.stop();
  expect(String(opened[0])).toContain('SQS receive message failed');
  expect(lines).toEqual([]);
});

function start(options: Partial<PollerOptions>): Poller {
  const poller = startPoller({
    sqs: backend.sqs.receive,
    queueUrl: backend.queues.events.url,
    visibilitySeconds: 30,
    breaker: { closed: () => Promise.resolve(), open: () => undefined },
    log: silent,
    handle: (messages) => Promise.resolve(messages),
    foundEmpty: () => undefined,
    ...options,
  });
  undo.push(poller.stop);
  return poller;
}

/** How many receives were sent since. */
function countReceives(): () => number {
  let count = 0;
  backend.sqs.receive.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === 'ReceiveMessageCommand') count += 1;
        return next(args);
      },
    { step: 'initialize' },
  );
  return () => count;
}

async function sendMany(count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, n) => ({ Id: `${n}`, MessageBody: `${n}` }));
  for (let start = 0; start < count; start += 10) {
    const Entries = all.slice(start, start + 10);
    await backend.sqs.send.send(
      new SendMessageBatchCommand({ QueueUrl: backend.queues.events.url, Entries }),
    );
  }
}
