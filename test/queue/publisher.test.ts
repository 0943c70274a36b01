import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DependencyError, RefusedMessageError } from '../../src/errors.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createPublisher } from '../../src/queue/publisher.ts';
import { createBackend } from '../support/harness.ts';
import { attributesOf, receive } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { startSqsDouble, type Verdict, type Entry } from './sqs-double.ts';
import { undone } from '../support/undo.ts';

const steps = undone(afterEach);
async function open(judge?: (entry: Entry) => Verdict) {
  const sqs = await startSqsDouble(judge);
  steps.push(sqs.stop);
  const client = createSqsClient('send', sqs.url);
  steps.push(() => {
    client.destroy();
  });
  const publisher = createPublisher(client, `${sqs.url}/000000000000/events`);
  const bodies = (): string[][] => sqs.requests.map((entries) => entries.map((entry) => entry.MessageBody));
  return { sqs, publisher, bodies };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
const bodyOf = (bytes: number, fill = 'x'): string => fill.repeat(bytes);
const kib = 1_024;

describe('concurrent sends', () => {
  test('go out in one request', async () => {
    const { publisher, bodies } = await open();
    await Promise.all(['a', 'b', 'c'].map((body) => publisher.send({ body })));
    expect(bodies()).toEqual([['a', 'b', 'c']]);
  });

  test('go out ten at most to a request', async () => {
    const { publisher, bodies, sqs } = await open();
    await Promise.all(numbers(25).map((body) => publisher.send({ body })));
    expect(sqs.requests.map((entries) => entries.length).toSorted((a, b) => b - a)).toEqual([10, 10, 5]);
    expect(bodies().flat().toSorted()).toEqual(numbers(25).toSorted());
  });

  test('go out 256 KiB at most to a request', async () => {
    const { publisher, bodies } = await open();
    const sizes = [200 * kib, 56 * kib, 1, 255 * kib];
    await Promise.all(sizes.map((size) => publisher.send({ body: bodyOf(size) })));
    const sent = bodies().map((batch) => batch.map((body) => body.length));
    expect(sent).toHaveLength(2);
    expect(sent).toContainEqual([200 * kib, 56 * kib]);
    expect(sent).toContainEqual([1, 255 * kib]);
  });

  test('are weighed in bytes, attributes with their names and types included', async () => {
    const { publisher, bodies } = await open();
    await Promise.all([
      // 'é' has two bytes; 'name' + 'String' + 'value' have fifteen.
      publisher.send({ body: bodyOf(100 * kib, 'é'), attributes: { name: 'value' } }),
      publisher.send({ body: bodyOf(56 * kib - 15) }),
      publisher.send({ body: 'one more byte' }),
    ]);
    const sent = bodies().map((batch) => batch.map((body) => body.length));
    expect(sent).toContainEqual([100 * kib, 56 * kib - 15]);
    expect(sent).toContainEqual([13]);
  });

  test('are not held up by one that is too large for any batch, which goes alone', async () => {
    const { publisher, bodies } = await open();
    await Promise.all(['a', bodyOf(300 * kib), 'b'].map((body) => publisher.send({ body })));
    const sent = bodies().map((batch) => batch.map((body) => body.length));
    expect(sent.toSorted((a, b) => (b[0] ?? 0) - (a[0] ?? 0))).toEqual([[300 * kib], [1], [1]]);
  });
});

describe('the linger', () => {
  /** A client whose requests are noted and never answered, so that time is all that passes. */
  function noted() {
    const client = new SQSClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
    const requests: string[] = [];
    client.middlewareStack.add(
      (_next, context) => async () => {
        requests.push(context.commandName ?? '');
        return await new Promise(() => undefined);
      },
      { step: 'initialize', priority: 'high' },
    );
    return { publisher: createPublisher(client, 'http://127.0.0.1:1/0/events'), requests };
  }

  test('is 5 ms from the first message, however many follow it', async () => {
    jest.useFakeTimers();
    steps.push(() => jest.useRealTimers());
    const { publisher, requests } = noted();
    void publisher.send({ body: 'a' });
    await jest.advanceTimersByTimeAsync(3);
    void publisher.send({ body: 'b' });
    await jest.advanceTimersByTimeAsync(1);
    expect(requests).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(requests).toEqual(['SendMessageBatchCommand']);
    await jest.advanceTimersByTimeAsync(100);
    expect(requests).toHaveLength(1);
  });

  test('is none for a batch that is full', async () => {
    jest.useFakeTimers();
    steps.push(() => jest.useRealTimers());
    const { publisher, requests } = noted();
    for (const body of numbers(10)) void publisher.send({ body });
    await jest.advanceTimersByTimeAsync(0);
    expect(requests).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(100);
    expect(requests).toHaveLength(1);
  });

  test('begins anew after a batch', async () => {
    jest.useFakeTimers();
    steps.push(() => jest.useRealTimers());
    const { publisher, requests } = noted();
    for (const body of numbers(11)) void publisher.send({ body });
    await jest.advanceTimersByTimeAsync(4);
    expect(requests).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(requests).toHaveLength(2);
  });
});

describe('a sender', () => {
  test('learns of its own message alone', async () => {
    const { publisher, bodies } = await open(({ MessageBody }) => {
      if (MessageBody === 'bad') return { refused: 'the queue is over its limit' };
      return MessageBody === 'lost' ? 'unmentioned' : 'stored';
    });
    const ends = await Promise.allSettled(['a', 'bad', 'lost', 'b'].map((body) => publisher.send({ body })));
    expect(bodies()).toEqual([['a', 'bad', 'lost', 'b']]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    const reasons = ends.flatMap((end): unknown[] => (end.status === 'rejected' ? [end.reason] : []));
    expect(reasons).toEqual([
      new DependencyError('queue', 'the queue is over its limit'),
      new DependencyError('queue', 'no answer for this message'),
    ]);
    expect(reasons.every((reason) => reason instanceof DependencyError)).toBe(true);
  });

  test('learns that the queue will never take its message, by itself or for its whole batch', async () => {
    const refuse = { refused: 'Message must be shorter than 1024 bytes.', fault: 'sender' } as const;
    const { publisher, sqs } = await open((entry) => (entry.MessageBody === 'no' ? refuse : 'stored'));
    const [yes, no] = await Promise.allSettled(['yes', 'no'].map((body) => publisher.send({ body })));
    expect(yes).toMatchObject({ status: 'fulfilled' });
    expect(no).toMatchObject({ status: 'rejected', reason: expect.any(RefusedMessageError) });

    sqs.refuseBatchesWith('never');
    const sends = ['a', 'never', 'b'].map((body) => publisher.send({ body }));
    const [a, never, b] = await Promise.allSettled(sends);
    expect([a?.status, b?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(never).toMatchObject({ status: 'rejected', reason: expect.any(RefusedMessageError) });
  });

  test('learns that the queue is away, as do all of its batch', async () => {
    const { publisher, sqs } = await open();
    await sqs.stop();
    const ends = await Promise.allSettled(['a', 'b'].map((body) => publisher.send({ body })));
    for (const end of ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DEPENDENCY', dependency: 'queue' } });
    }
  });

  test('names the group that its message belongs to, and its attributes', async () => {
    const { publisher, sqs } = await open();
    await Promise.all([
      publisher.send({ body: 'a', groupId: 'billing-key', attributes: { 'x-correlation-id': 'c-1' } }),
      publisher.send({ body: 'b' }),
    ]);
    expect(sqs.requests).toEqual([
      [
        {
          Id: '0',
          MessageBody: 'a',
          MessageGroupId: 'billing-key',
          MessageAttributes: { 'x-correlation-id': { DataType: 'String', StringValue: 'c-1' } },
        },
        { Id: '1', MessageBody: 'b', MessageAttributes: {} },
      ],
    ]);
  });
});

describe('closing', () => {
  test('sends what waits, at once, and ends when all of it is answered', async () => {
    const { publisher, sqs, bodies } = await open();
    const release = sqs.hold();
    const sent = numbers(12).map((body) => publisher.send({ body }));
    let closed = false;
    const closing = publisher.close().then(() => {
      closed = true;
    });
    await until('both requests are there', () => sqs.requests.length === 2);
    expect(closed).toBe(false);
    release();
    await closing;
    await Promise.all(sent);
    expect(bodies().flat().toSorted()).toEqual(numbers(12).toSorted());
  });

  test('ends where nothing waits, and where what waited failed', async () => {
    const { publisher } = await open(() => ({ refused: 'no' }));
    await publisher.close();
    const sent = publisher.send({ body: 'a' });
    await Promise.all([expect(sent).rejects.toThrow('queue: no'), publisher.close()]);
  });
});

test('what was sent is in a real queue, whole', async () => {
  const backend = await createBackend();
  steps.push(backend.close);
  const publisher = createPublisher(backend.sqs.send, backend.queues.events.url);
  await publisher.send({
    body: '{"a":"é終"}',
    groupId: 'billing-key',
    attributes: { 'x-correlation-id': 'c' },
  });
  const [message = {}] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(message.Body).toBe('{"a":"é終"}');
  expect(attributesOf(message)).toEqual({ 'x-correlation-id': 'c' });
});
