import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createClock } from '../../src/clock.ts';
import { DependencyError, UsageError } from '../../src/errors.ts';
import { silent } from '../../src/log.ts';
import { endpointOf, simulate, type SimulateContext } from '../../src/simulate/simulate.ts';
import type { SimulateOptions } from '../../src/simulate/options.ts';
import { bootstrapKey, testEndpoints } from '../support/harness.ts';
import { openRonda } from '../support/open.ts';
import { closedPort } from '../ingress/http/closed-port.ts';
import { until } from '../support/until.ts';
import { start } from './night.ts';

const { backend, ingress } = await openRonda();

const options: SimulateOptions = {
  seed: 5,
  schedulers: 40,
  url: ingress.url,
  key: bootstrapKey,
  sqs: undefined,
  speed: 5_000,
  start: undefined,
  dryRun: false,
  json: false,
};

/** A terminal, or none, that keeps what is written. */
function outputs(isTTY = false) {
  const out: string[] = [];
  const err: string[] = [];
  const context: SimulateContext = {
    clock: createClock(),
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text), isTTY },
    log: silent,
  };
  return { context, out, err };
}

const timed = z.looseObject({ type: z.string(), via: z.string(), timestamp: z.string() });

describe('a dry run', () => {
  const dryRun = { ...options, dryRun: true, url: 'http://127.0.0.1:1', speed: undefined, start };
  const linesOf = (out: readonly string[]) => out.map((line) => timed.parse(JSON.parse(line)));

  test('prints the plan as JSON lines, in time order, and reaches for nobody', async () => {
    const { context, out, err } = outputs(true);
    expect(await simulate(dryRun, context)).toBeUndefined();
    expect(out.every((line) => /^\{.*\}\n$/.test(line))).toBe(true);
    const lines = linesOf(out);
    const times = lines.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort());
    expect(lines.filter(({ type }) => type === 'register')).toHaveLength(40);
    expect(new Set(lines.map(({ via }) => via))).toEqual(new Set(['http']));
    expect(err).toEqual([]);
  });

  test('shows which schedulers would send over SQS, if there is a queue', async () => {
    const { context, out } = outputs();
    await simulate({ ...dryRun, sqs: 'http://127.0.0.1:1/queue' }, context);
    expect(new Set(linesOf(out).map(({ via }) => via))).toEqual(new Set(['http', 'sqs']));
  });

  test('squeezes the night into 90 s on a real clock, and leaves it its six hours on a fast one', async () => {
    const lastOn = async (clock: SimulateContext['clock']): Promise<number> => {
      const { context, out } = outputs();
      await simulate(dryRun, { ...context, clock });
      return Date.parse(linesOf(out).at(-1)?.timestamp ?? '') - start;
    };
    const real = await lastOn(createClock());
    expect(real).toBeGreaterThan(60_000);
    expect(real).toBeLessThan(90_000);
    const fast = await lastOn(createClock({ start }));
    expect(fast).toBeGreaterThan(60_000 * 240);
    expect(fast).toBeLessThan(90_000 * 240);
  });
});

describe('a night on the real clock', () => {
  const summary = z.object({
    seed: z.number(),
    schedulers: z.number(),
    start: z.iso.datetime(),
    end: z.iso.datetime(),
    took_ms: z.number(),
    sent: z.record(z.string(), z.number()),
    retried: z.number(),
    refused: z.number(),
    reasons: z.array(z.string()),
    unsent: z.number(),
  });

  test('is played over HTTP and the queue, with times of its own, and leaves the board that was planned', async () => {
    const { context, out, err } = outputs();
    const sqs = `${testEndpoints().sqs}${new URL(backend.queues.events.url).pathname}`;
    const began = context.clock.real();
    await simulate({ ...options, sqs, json: true }, context);
    const said = summary.parse(JSON.parse(out.join('')));
    expect(said).toMatchObject({ seed: 5, schedulers: 40, refused: 0, reasons: [], unsent: 0 });
    expect(said.sent).toMatchObject({ register: 40, completed: 33, failed: 18 });
    expect(Date.parse(said.end) - Date.parse(said.start)).toBe(4_320);
    expect(Date.parse(said.start)).toBeGreaterThanOrEqual(began);
    expect(err).toEqual([]);

    const statuses = z.array(z.object({ status: z.string() }));
    await until('the board is as planned', async () => {
      const list = statuses.parse((await ingress.call('GET', '/schedulers')).json);
      const count = (status: string): number => list.filter((one) => one.status === status).length;
      return (
        count('completed') === 33 && count('failed') === 5 && count('running') === 1 && list.length === 40
      );
    });
  });

  test('shows a line on a terminal while it lasts, and a summary at the end', async () => {
    const { context, out, err } = outputs(true);
    const tally = await simulate({ ...options, schedulers: 3 }, context);
    expect(tally).toMatchObject({ unsent: 0, refused: 0, sent: { register: 3, failed: 1, completed: 3 } });
    expect(err.length).toBeGreaterThan(2);
    expect(err[0]).toMatch(/^\r\x1b\[2K\d\d:\d\d \[\.{24}\] 1 of 34 sent, 0 failed$/);
    expect(err.at(-1)).toBe('\r\x1b[2K');
    expect(out.join('')).toMatch(/^Played night 5 of 3 schedulers in \d+ s: \d+ reports sent \(register 3, /);
  });

  test('ends early when it is told to', async () => {
    const { context, out } = outputs();
    const stop = new AbortController();
    stop.abort();
    const tally = await simulate(options, { ...context, signal: stop.signal });
    expect(tally?.unsent).toBeGreaterThan(400);
    expect(out.join('')).toMatch(/^Stopped night 5 of 40 schedulers in under 1 s: 0 reports sent /);
  });
});

describe('what cannot be played', () => {
  test('is a Ronda that nobody answers for, reported at once', async () => {
    const { context } = outputs();
    const port = await closedPort();
    const played = simulate({ ...options, url: `http://127.0.0.1:${port}` }, context);
    await expect(played).rejects.toThrow(DependencyError);
    await expect(played).rejects.toThrow(
      `Ronda at http://127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
  });

  test('is a night without a valid key', async () => {
    const { context, out } = outputs();
    const played = simulate({ ...options, key: 'no-such-key' }, context);
    await expect(played).rejects.toThrow(UsageError);
    await expect(played).rejects.toThrow(`${ingress.url} does not accept the API key: Invalid API key`);
    expect(out).toEqual([]);
  });

  test('is one over a queue that is not there', async () => {
    const { context } = outputs();
    const sqs = `${testEndpoints().sqs}/000000000000/no-such-queue`;
    const played = simulate({ ...options, sqs }, context);
    await expect(played).rejects.toThrow(DependencyError);
    await expect(played).rejects.toThrow(`queue ${sqs}: `);
  });
});

test.each([
  ['https://sqs.ap-southeast-3.amazonaws.com/123456789012/ronda-events', undefined],
  ['https://sqs.cn-north-1.amazonaws.com.cn/123456789012/ronda-events', undefined],
  ['http://localhost:4566/000000000000/ronda-events', 'http://localhost:4566'],
  ['http://sqs.us-east-1.localhost:4566/000000000000/ronda-events', 'http://localhost:4566'],
  ['https://amazonaws.com.example.com/1/ronda-events', 'https://amazonaws.com.example.com'],
])('the endpoint of %s is %p (undefined: as the SDK is configured)', (queueUrl, endpoint) => {
  expect(endpointOf(queueUrl)).toBe(endpoint);
});
