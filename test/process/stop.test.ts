import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { utc } from '../../src/events/time.ts';
import { livingRoles } from '../../src/store/roles.ts';
import { readRow } from '../../src/store/projections/scheduler-rows.ts';
import { bootstrapKey, createBackend, testEndpoints, type TestBackend } from '../support/harness.ts';
import { keepBusy } from '../support/busy-connections.ts';
import { startProxy, type Proxy } from '../support/proxy.ts';
import { depth, receive, send } from '../support/queues.ts';
import { until } from '../support/until.ts';
import { onTestEngines, startProgram, terminate, type Program } from './program.ts';
import { undone } from '../support/undo.ts';

const time = utc(createClock().real() - 1_800_000);
/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(120_000);

const undo = undone(afterEach);
let backend: TestBackend;
beforeEach(async () => {
  backend = await createBackend({ visibilitySeconds: 2 });
  undo.push(backend.close);
});
test.each(['ingress', 'consumer', 'slack'])(
  'SIGTERM ends an idle %s soon, with exit code 0',
  async (role) => {
    const program = start(role);
    const answer = await fetch(`${await program.url()}/health/live`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
    expect((await livingRoles(backend.store)).map((row) => row.role)).toEqual([role]);
    const { code, signal, tookMs } = await terminate(program);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(5_000);
    expect(await livingRoles(backend.store)).toEqual([]);
  },
);

test('a consumer finishes and deletes what is in hand before it ends', async () => {
  const proxy = await proxyToDynamoDb();
  const program = start('consumer', { AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  await program.url();
  proxy.hang();
  await sendBeats(3);
  await until('they are in hand', async () => (await depthOf()).inHand === 3);
  program.kill('SIGTERM');
  await until('it is stopping', () => program.stderr().includes('"stopping"'));
  proxy.rebuild();
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(await depthOf()).toEqual({ waiting: 0, inHand: 0 });
  for (const n of [0, 1, 2]) {
    expect((await readRow(backend.store, `beat-${n}`))?.state?.heartbeat?.at).toBe(time);
  }
});

test('a consumer whose DynamoDB hangs ends within 10 s all the same, and its messages stay', async () => {
  const proxy = await proxyToDynamoDb();
  const program = start('consumer', { AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  await program.url();
  proxy.hang();
  await sendBeats(3);
  await until('they are in hand', async () => (await depthOf()).inHand === 3);
  const { code, tookMs } = await terminate(program);
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  const { waiting, inHand } = await depthOf();
  expect(waiting + inHand).toBe(3);
});

test('a second signal, a second later, ends it at once', async () => {
  const proxy = await proxyToDynamoDb();
  const program = start('consumer', { AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  await program.url();
  proxy.hang();
  await sendBeats(1);
  await until('it is in hand', async () => (await depthOf()).inHand === 1);
  const clock = createClock();
  const began = clock.real();
  program.kill('SIGINT');
  await until('it was told again', () => {
    program.kill('SIGINT');
    return clock.real() - began > 1_500;
  });
  expect(await program.ended).toEqual({ code: 130, signal: null });
  expect(clock.real() - began).toBeLessThan(5_000);
});

test('an ingress answers the request that has begun, takes no new one, and loses no event', async () => {
  const program = start('ingress', { RONDA_BOOTSTRAP_API_KEY: bootstrapKey });
  const url = await program.url();
  const call = request(`${url}/api/v1/schedulers/register`, {
    method: 'POST',
    headers: { 'x-api-key': bootstrapKey, 'content-type': 'application/json', expect: '100-continue' },
  });
  const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (response) => {
      void text(response).then((body) => {
        resolve({ status: response.statusCode, body });
      });
    });
  });
  const registration = JSON.stringify({
    scheduler_id: 'job-1',
    service_name: 'billing',
    job_name: 'Invoices',
  });
  await new Promise<void>((resolve) => {
    call.once('continue', () => {
      call.write(registration.slice(0, 20), () => {
        resolve();
      });
    });
    call.flushHeaders();
  });
  program.kill('SIGTERM');
  await until('it is stopping', () => program.stderr().includes('"stopping"'));
  await until('it takes no new connection', async () => {
    return await fetch(`${url}/health/live`).then(
      () => false,
      () => true,
    );
  });
  call.end(registration.slice(20));
  expect(await answer).toMatchObject({ status: 201 });
  expect(await program.ended).toEqual({ code: 0, signal: null });
  const [message] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(message?.Body).toContain('"scheduler_id":"job-1"');
});

test('an ingress that ends says first that it is not ready, and cuts none of 50 busy connections', async () => {
  const program = start('ingress', {
    RONDA_BOOTSTRAP_API_KEY: bootstrapKey,
    RONDA_DRAIN_SECONDS: '2',
    RATE_LIMIT_PER_MINUTE: '0',
  });
  const url = await program.url();
  const busy = keepBusy(50, `${url}/api/v1/schedulers/gone`, { 'x-api-key': bootstrapKey });
  await until('they are busy', () => busy.answered() > 200);
  program.kill('SIGTERM');
  const ready = await until('it says that it is not ready', async () => {
    const answer = await fetch(`${url}/health/ready`);
    const body: unknown = await answer.json();
    return JSON.stringify(body).includes('draining') && { answer, body };
  });
  expect(ready.answer.status).toBe(503);
  expect(ready.answer.headers.get('connection')).toBe('close');
  expect(ready.body).toEqual({ status: 'failing', checks: { draining: 'this process is stopping' } });
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  await busy.ended;
  expect(busy.cut()).toEqual([]);
  expect(busy.closing()).toBe(50);
  expect(await program.ended).toEqual({ code: 0, signal: null });
});

test('without a drain too it cuts none of 50 busy connections', async () => {
  const program = start('ingress', { RONDA_BOOTSTRAP_API_KEY: bootstrapKey, RATE_LIMIT_PER_MINUTE: '0' });
  const busy = keepBusy(50, `${await program.url()}/api/v1/schedulers/gone`, { 'x-api-key': bootstrapKey });
  await until('they are busy', () => busy.answered() > 200);
  program.kill('SIGTERM');
  await busy.ended;
  expect(busy.cut()).toEqual([]);
  expect(busy.closing()).toBe(50);
  expect(await program.ended).toEqual({ code: 0, signal: null });
});

function start(role: string, env: Readonly<Record<string, string>> = {}): Program {
  const program = startProgram(['start', role, '--json'], { ...onTestEngines(backend.prefix), ...env });
  undo.push(async () => {
    program.kill('SIGKILL');
    await program.ended;
  });
  return program;
}

async function proxyToDynamoDb(): Promise<Proxy> {
  const proxy = await startProxy(testEndpoints().dynamodb);
  undo.push(proxy.stop);
  return proxy;
}

async function sendBeats(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const body = { type: 'heartbeat', scheduler_id: `beat-${n}`, timestamp: time };
    await send(backend.sqs.send, backend.queues.events.url, body);
  }
}

function depthOf(): Promise<{ waiting: number; inHand: number }> {
  return depth(backend.sqs.send, backend.queues.events.url);
}
