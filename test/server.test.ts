import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import { createClock, pause } from '../src/clock.ts';
import { serve, type Serving } from '../src/server.ts';
import { keepBusy } from './support/busy-connections.ts';
import { until } from './support/until.ts';
import { undone } from './support/undo.ts';

const clock = createClock();
const undo = undone(afterEach);
/** Answers at once, or when it is told to. */
async function open(drainMs: number) {
  const held = Promise.withResolvers<undefined>();
  let asked = 0;
  const app = express()
    .get('/', (_request, response) => void response.send('here'))
    .get('/soon', async (_request, response) => {
      await pause(2);
      response.send('here');
    })
    .get('/half', (_request, response) => void response.write('half'))
    .get('/held', async (_request, response) => {
      asked += 1;
      await held.promise;
      response.send('at last');
    });
  const server: Serving = await serve(app, {
    ...{ host: '127.0.0.1', port: 0, drainMs },
    answerBroken: () => 'HTTP/1.1 400 Bad Request\r\n\r\nbroken',
  });
  undo.push(async () => {
    held.resolve(undefined);
    await server.stop();
  });
  const answer = () => {
    held.resolve(undefined);
  };
  return { ...server, answer, asked: () => asked };
}

/** A bare connection, with what it received, and whether it was ended or broken off. */
async function connection(url: string) {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  undo.push(() => socket.destroy());
  let received = '';
  let end: string | undefined;
  socket.on('data', (data) => {
    received += data.toString();
  });
  socket.on('error', (error) => {
    end = error.message;
  });
  socket.on('close', () => {
    end ??= 'closed';
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    send: (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`),
    write: (text: string) => socket.write(text),
    received: () => received,
    end: () => end,
  };
}

async function timed(work: Promise<unknown>): Promise<number> {
  const began = clock.monotonic();
  await work;
  return clock.monotonic() - began;
}

test('an idle connection is kept for 75 s', async () => {
  const { url } = await open(0);
  const answer = await fetch(url);
  expect(answer.headers.get('keep-alive')).toBe('timeout=75');
  await answer.text();
});

test('while it drains it takes requests, on new connections too, and every answer closes its connection', async () => {
  const { url, stop } = await open(1_500);
  const kept = await connection(url);
  kept.send('/');
  await until('it is answered', () => kept.received().includes('here'));
  expect(kept.received()).toContain('Connection: keep-alive');

  const stopped = stop();
  kept.send('/');
  await until('it is answered and closed', () => kept.end() === 'closed');
  expect(kept.received().match(/\r\nhere|here/g)).toHaveLength(2);
  expect(kept.received()).toContain('Connection: close');
  const late = await fetch(url);
  expect([late.status, late.headers.get('connection')]).toEqual([200, 'close']);
  await late.text();
  await stopped;
  await expect(fetch(url)).rejects.toThrow();
});

test('what was begun before the stop is answered, and closes its connection', async () => {
  const { url, stop, answer, asked } = await open(0);
  const begun = await connection(url);
  begun.send('/held');
  await until('it is being answered', () => asked() === 1);
  const stopped = stop();
  await until('no further connection is taken', async () => {
    return await fetch(url).then(
      () => false,
      () => true,
    );
  });
  answer();
  await stopped;
  await until('it is closed', () => begun.end() === 'closed');
  expect(begun.received()).toContain('at last');
  expect(begun.received()).toContain('Connection: close');
});

test('a request on an idle connection that comes just after the stop is answered', async () => {
  const { url, stop } = await open(0);
  const kept = await connection(url);
  kept.send('/');
  await until('it is answered', () => kept.received().includes('here'));
  const stopped = stop();
  await pause(200);
  kept.send('/soon');
  await stopped;
  await until('it is closed', () => kept.end() === 'closed');
  expect(kept.received().match(/here/g)).toHaveLength(2);
});

test('of 50 busy keep-alive connections none is cut', async () => {
  const { url, stop } = await open(0);
  const busy = keepBusy(50, `${url}/soon`);
  await until('they are busy', () => busy.answered() > 200);
  const took = await timed(Promise.all([stop(), busy.ended]));
  expect(busy.cut()).toEqual([]);
  expect(busy.closing()).toBe(50);
  expect(took).toBeLessThan(7_000);
});

test('bytes that are no request are answered, and their connection closed; an answer under way is not written into', async () => {
  const { url } = await open(0);
  const strange = await connection(url);
  strange.write('what is this?\r\n\r\n');
  await until('it is closed', () => strange.end() === 'closed');
  expect(strange.received()).toBe('HTTP/1.1 400 Bad Request\r\n\r\nbroken');

  const begun = await connection(url);
  begun.send('/half');
  await until('half of it is there', () => begun.received().includes('half'));
  begun.write('what is this?\r\n\r\n');
  await until('it is cut', () => begun.end() !== undefined);
  expect(begun.received()).not.toContain('broken');
});

test('connections that say nothing do not hold a stop', async () => {
  const { url, stop } = await open(0);
  const silent = await connection(url);
  const idle = await connection(url);
  idle.send('/');
  await until('it is answered', () => idle.received().includes('here'));
  expect(await timed(stop())).toBeLessThan(5_000);
  await until('both are closed', () => silent.end() !== undefined && idle.end() !== undefined);
});

test('an answer that never comes is waited for 6 s and a little, then cut', async () => {
  const { url, stop, asked } = await open(0);
  const hung = await connection(url);
  hung.send('/held');
  await until('it is being answered', () => asked() === 1);
  const took = await timed(stop());
  expect(took).toBeGreaterThanOrEqual(6_000);
  expect(took).toBeLessThan(9_500);
  expect(hung.received()).toBe('');
}, 30_000);
