import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { readSettings } from '../../../src/config.ts';
import { utc } from '../../../src/events/time.ts';
import { silent } from '../../../src/log.ts';
import { startRonda, type Ronda } from '../../../src/main.ts';
import { makeKey } from '../../../src/operator/keys/rotate.ts';
import type { RoleName } from '../../../src/store/role-names.ts';
import { idOf } from '../../support/events.ts';
import { call, createBackend, type TestBackend } from '../../support/harness.ts';
import { depth, isEmpty, send } from '../../support/queues.ts';
import { recordCalls, type RecordedCalls } from '../../support/recorded-calls.ts';
import { until } from '../../support/until.ts';
import { onTestEngines } from '../program.ts';
import { further, printed } from './page.ts';
import { undone } from '../../support/undo.ts';

const undo = undone(afterAll);
let backend: TestBackend;
beforeAll(async () => {
  backend = await createBackend({ visibilitySeconds: 2 });
  undo.push(backend.close);
});
/** A role of its own, as `ronda start` starts it on AWS. */
async function startRole(role: RoleName): Promise<{ ronda: Ronda; calls: RecordedCalls }> {
  const calls = await recordCalls(backend.prefix);
  undo.push(calls.stop);
  const env = {
    ...onTestEngines(backend.prefix),
    AWS_ENDPOINT_URL_SQS: calls.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: calls.dynamodb,
    RATE_LIMIT_STORE: 'dynamodb',
    EOD_WINDOW: '00:00-24:00',
    EOD_LIVE: 'true',
  };
  // The clients read it when they first call.
  Object.assign(process.env, env);
  const ronda = await startRonda({
    settings: readSettings(env),
    env,
    roles: [role],
    bootstrapKey: undefined,
    log: silent,
  });
  undo.push(ronda.stop);
  if (role !== 'ingress')
    await until('it receives', () => calls.needed().some((one) => one.endsWith(' ReceiveMessage')));
  return { ronda, calls };
}

const shownState = z.object({
  messages: z.array(
    z.object({
      channel: z.string(),
      ts: z.string(),
      text: z.string(),
      blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string() })).default([]),
    }),
  ),
});

/** The slack role counts the unread events for a board that is a minute behind, which no board of this test is. */
const seldom = ['queue events GetQueueAttributes'];

test('each role calls what the operations page permits it, and no more is permitted', async () => {
  const { store, sqs, queues, clock } = backend;
  const ingress = await startRole('ingress');
  const { plain } = await makeKey(store, {
    ...{ name: 'all', scopes: ['ingest', 'read', 'admin'], services: null, expires: null },
  });
  const ask = async (method: string, path: string, body?: unknown): Promise<number> => {
    const isOwn = /^\/(?:boards|calendars|maintenance|nights)/.test(path);
    const url = `${ingress.ronda.url}/api/v1${isOwn ? '' : '/schedulers'}${path}`;
    return (await call(url, method, body, { 'x-api-key': plain, prefer: 'wait=10' })).status;
  };
  // Before anybody has stored coverage, so that it is looked for where earlier versions did.
  expect(await ask('GET', '/boards')).toBe(200);
  const consumer = await startRole('consumer');
  const slack = await startRole('slack');
  const since = clock.real() - 3_600_000;
  const at = (minute: number): string => utc(since + minute * 60_000);
  const job = { scheduler_id: 'payroll', service_name: 'billing', job_name: 'Payroll' };
  const failure = {
    ...{ ...job, status: 'failed', error_message: 'disk full' },
    ...{ event_id: idOf(1), timestamp: at(4) },
  };

  const expectation = { schedule: '0 1 * * *' };
  expect(await ask('POST', '/register', { ...job, expectation })).toBe(201);
  expect(await ask('PUT', '/payroll/status', { ...job, status: 'running', timestamp: at(1) })).toBe(200);
  expect(await ask('POST', '/payroll/heartbeat', { scheduler_id: 'payroll', timestamp: at(2) })).toBe(200);
  expect(await ask('PUT', '/payroll/status', failure)).toBe(200);
  expect(await ask('PUT', '/payroll/status', { ...failure, error_message: 'no route' })).toBe(409);
  expect(await ask('PUT', '/payroll/expectation', { schedule: 'night', calendar: 'bank' })).toBe(200);
  expect(await ask('PUT', '/calendars/bank', {})).toBe(200);
  const plan = { services: ['ledger'], from: at(1), until: at(2), reason: 'new disks' };
  expect(await ask('POST', '/maintenance', plan)).toBe(201);
  const tonight = utc(clock.now()).slice(0, 10);
  for (const path of ['/payroll/runs', '/calendars', '/calendars/bank', '/maintenance', `/nights/${tonight}`])
    expect(await ask('GET', path)).toBe(200);
  for (const path of ['', `?as_of=${at(2)}`, '/payroll/history', `/payroll?as_of=${at(2)}`, '/boards'])
    expect(await ask('GET', path)).toBe(200);
  expect(await ask('POST', '/register', { ...job, scheduler_id: 'short-lived' })).toBe(201);
  expect(await ask('DELETE', '/short-lived')).toBe(204);
  for (const { ronda } of [ingress, consumer, slack])
    for (const what of ['ready', 'system'])
      await fetch(`${ronda.url}/health/${what}`).then((answer) => answer.text());

  // What a person does in Slack once it tells of the failure.
  const workspace = slack.ronda.workspace ?? '';
  const act = async (what: string, body: object): Promise<void> => {
    const answer = await fetch(`${workspace}/ui/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: 'U0SARI', ...body }),
    });
    expect(answer.status).toBe(200);
  };
  const { channel, ts, block_id } = await until('the failure is told', async () => {
    const { messages } = shownState.parse(await (await fetch(`${workspace}/ui/state`)).json());
    const posted = messages.find(({ text }) => text.includes('Payroll failed'));
    const actions = posted?.blocks.find(({ type }) => type === 'actions');
    return posted === undefined || actions === undefined
      ? undefined
      : { channel: posted.channel, ts: posted.ts, block_id: actions.block_id };
  });
  for (const action_id of ['history', 'acknowledge'])
    await act('action', { channel, ts, block_id, action_id });
  for (const text of ['at 00:00', 'maintenance billing 2h new disks'])
    await act('command', { command: '/eod', text, channel });

  // What goes wrong: bad messages, the same failure again, a row of another version, and DynamoDB being away.
  for (const url of [queues.events.url, queues.notices.url]) await send(sqs.send, url, 'no JSON');
  await send(sqs.send, queues.events.url, { type: 'status', ...failure });
  const older = { scheduler_id: 'older', version: 1, rev: 1 };
  await store.client.send(new PutCommand({ TableName: `${backend.prefix}schedulers`, Item: older }));
  await send(sqs.send, queues.events.url, { type: 'heartbeat', scheduler_id: 'older', timestamp: at(5) });
  for (const { deadLetterUrl } of Object.values(queues))
    await until('the bad one is put aside', async () => (await depth(sqs.send, deadLetterUrl)).waiting > 0);
  await until('the rest is done', () => isEmpty(sqs.send, queues.events.url));
  for (const { calls } of [consumer, slack]) calls.setAway(true);
  await send(sqs.send, queues.events.url, { type: 'heartbeat', scheduler_id: 'payroll', timestamp: at(6) });
  await send(sqs.send, queues.notices.url, { night: 'eod/2026-11-23', message_key: 'alert/payroll/none' });
  for (const [{ calls }, queue] of [
    [consumer, 'events'],
    [slack, 'notices'],
  ] as const) {
    await until('it is put off', () => calls.needed().includes(`queue ${queue} ChangeMessageVisibility`));
    // Only an outage makes it ask whether all is back; it may have put something off before that.
    await until('it asks again', () => calls.needed().includes('queue notices GetQueueAttributes'));
    calls.setAway(false);
  }

  for (const [role, { ronda, calls }] of Object.entries({ ingress, consumer, slack })) {
    await ronda.stop();
    const called = calls.needed().filter((one) => !further.has(one.split(' ')[1] ?? ''));
    const needed = [...new Set([...called, ...(role === 'slack' ? seldom : [])])].toSorted();
    expect({ role, needed }).toEqual({ role, needed: printed.get(role) });
  }
});
