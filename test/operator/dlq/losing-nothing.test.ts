import { expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { DependencyError } from '../../../src/errors.ts';
import { silent } from '../../../src/log.ts';
import { openDeadQueue, type DeadQueue } from '../../../src/operator/dlq/dead-queue.ts';
import { discard } from '../../../src/operator/dlq/discard.ts';
import { deadLetterOf, type DeadLetter } from '../../../src/operator/dlq/dead-letter.ts';
import { redrive, type RedriveOptions } from '../../../src/operator/dlq/redrive.ts';
import type { Outgoing } from '../../../src/queue/publisher.ts';
import { depth, receive } from '../../support/queues.ts';
import { bury, dlq, openBackends } from './dead-letters.ts';

const { backendOf } = openBackends();

const clock = createClock();
const began = 1_767_600_000_000;

/** A queue that is a list, and a live queue that keeps what it is sent; `steps` tells what came after what. */
function scene(deadLetters: readonly DeadLetter[]) {
  const waiting = [...deadLetters];
  const steps: string[] = [];
  const sent: Outgoing[] = [];
  const queue: DeadQueue = {
    depth: () => Promise.resolve({ waiting: waiting.length, inHand: 0 }),
    receive: (max) => Promise.resolve(waiting.splice(0, max)),
    remove: (gone) => {
      if (gone.length > 0) steps.push(`removed ${gone.map(({ id }) => id).join(' ')}`);
      return Promise.resolve([]);
    },
    close: () => Promise.resolve(),
  };
  const options: RedriveOptions = {
    live: {
      send: async (message) => {
        await Promise.resolve();
        sent.push(message);
        steps.push(`sent ${message.attributes?.['ronda-message-id'] ?? ''}`);
      },
      close: () => Promise.resolve(),
    },
    matches: () => true,
    limit: Infinity,
    dryRun: false,
    began,
    signal: new AbortController().signal,
    sent: () => undefined,
    stays: (deadLetter, why) => steps.push(`${deadLetter.id} stays: ${why}`),
  };
  return { waiting, steps, sent, queue, options };
}

function deadLetter(id: string, copiedReal = began): DeadLetter {
  return deadLetterOf({ MessageId: id, Body: '{}', Attributes: { SentTimestamp: `${copiedReal}` } }, clock);
}

test('a letter is taken out only after the queue has it', async () => {
  const { queue, options, steps } = scene([deadLetter('a'), deadLetter('b')]);
  await redrive(queue, options);
  expect(steps).toEqual(['sent a', 'sent b', 'removed a b']);
});

test('a letter that the queue does not take stays, and the others go', async () => {
  const { queue, options, steps } = scene([deadLetter('a'), deadLetter('b')]);
  const live = {
    ...options.live,
    send: (message: Outgoing) =>
      message.attributes?.['ronda-message-id'] === 'a'
        ? Promise.reject(new DependencyError('queue', 'too large'))
        : options.live.send(message),
  };
  expect(await redrive(queue, { ...options, live })).toMatchObject({ redriven: 1, failed: 1 });
  expect(steps).toEqual(['a stays: queue: too large', 'sent b', 'removed b']);
});

test('a letter that could not be taken out after it was sent is counted', async () => {
  const { queue, options } = scene([deadLetter('a')]);
  const stubborn = {
    ...queue,
    remove: (deadLetters: readonly DeadLetter[]) => Promise.resolve([...deadLetters]),
  };
  expect(await redrive(stubborn, options)).toMatchObject({ redriven: 1, stuck: 1 });
});

test('what is dead-lettered after the start is left alone, to the millisecond', async () => {
  const { queue, options, sent } = scene([deadLetter('before', began), deadLetter('after', began + 1)]);
  expect(await redrive(queue, options)).toMatchObject({ redriven: 1, arrived: 1 });
  expect(sent.map(({ attributes }) => attributes?.['ronda-message-id'])).toEqual(['before']);
});

test('what comes back is known by its id where clocks disagree, so that a redrive ends', async () => {
  const { waiting, queue, options, sent } = scene([deadLetter('a')]);
  const live = {
    ...options.live,
    send: async (message: Outgoing) => {
      await options.live.send(message);
      const again = deadLetter(`copy-${sent.length}`, began - 60_000);
      waiting.push({ ...again, id: 'a' });
    },
  };
  expect(await redrive(queue, { ...options, live })).toMatchObject({ redriven: 1, arrived: 1 });
});

test('without yes nothing is discarded, and it is said how much would be', async () => {
  const backend = await backendOf();
  await bury(backend, '{"a":1}', { id: 'm-1' });
  await bury(backend, '{"b":2}', { id: 'm-2' });
  expect(await dlq(backend, ['discard'])).toEqual({
    code: 2,
    out: '',
    err: 'ronda: 2 messages of events would be discarded for good. --yes does it.\n',
  });
  expect((await dlq(backend, ['discard', '--filter', '"a"'])).err).toContain('1 message of events would');
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 2,
    inHand: 0,
  });
});

test('what is discarded is printed whole, one JSON object a line, and what was not asked for stays', async () => {
  const backend = await backendOf();
  await bury(backend, '{\n"a":1}', { id: 'm-1', reason: 'r' });
  await bury(backend, '{"b":2}', { id: 'm-2', reason: 'r' });
  const { code, out, err } = await dlq(backend, ['discard', '--yes', '--id', 'm-1']);
  expect({ code, err }).toEqual({ code: 0, err: '1 message of events discarded.\n' });
  expect(out.match(/\n/g)).toHaveLength(1);
  expect(JSON.parse(out)).toMatchObject({ id: 'm-1', reason: 'r', body: '{\n"a":1}' });
  const [left, ...others] = await receive(backend.sqs.receive, backend.queues.events.deadLetterUrl);
  expect([left?.Body, others]).toEqual(['{"b":2}', []]);
});

test('a letter that could not be written down is not discarded', async () => {
  const { queue, steps } = scene([deadLetter('a')]);
  const full = new Error('ENOSPC: no space left on device');
  const keep = (): never => {
    throw full;
  };
  const { signal } = new AbortController();
  await expect(discard(queue, { matches: () => true, began, keep, signal })).rejects.toBe(full);
  expect(steps).toEqual([]);
});

test('what arrived after the start is not discarded', async () => {
  const { queue, steps } = scene([deadLetter('before'), deadLetter('after', began + 1)]);
  const { signal } = new AbortController();
  const kept: string[] = [];
  const keep = ({ id }: DeadLetter): number => kept.push(id);
  expect(await discard(queue, { matches: () => true, began, keep, signal })).toEqual({
    matched: 1,
    stuck: 0,
  });
  expect([kept, steps]).toEqual([['before'], ['removed before']]);
});

test('what is in hand is kept from others past its visibility time-out, and is free at once in the end', async () => {
  const backend = await backendOf();
  const { sqs, queues } = backend;
  const url = queues.events.deadLetterUrl;
  await bury(backend, '{}');
  const queue = openDeadQueue({ sqs, url, clock, log: silent, holdSeconds: 1 });
  expect(await queue.receive(10)).toHaveLength(1);
  // Each of these waits a second.
  for (let n = 0; n < 3; n += 1) expect(await receive(sqs.receive, url)).toEqual([]);
  await queue.close();
  expect(await receive(sqs.receive, url)).toHaveLength(1);
});
