import { readFileSync } from 'node:fs';
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { retentionOf } from '../../projections/retention.ts';
import { readSettings } from '../../src/config.ts';
import { utc } from '../../src/events/time.ts';
import { silent } from '../../src/log.ts';
import { startRonda, type Ronda } from '../../src/main.ts';
import { addAudit } from '../../src/operator/audit/command.ts';
import type { Desk } from '../../src/operator/desk.ts';
import { addDlq } from '../../src/operator/dlq/command.ts';
import { addEvents } from '../../src/operator/events-command.ts';
import { addExtendRetention } from '../../src/operator/extend-command.ts';
import { addKeys } from '../../src/operator/keys/command.ts';
import { makeKey } from '../../src/operator/keys/rotate.ts';
import { provision } from '../../src/operator/provision/provision.ts';
import type { Mode } from '../../src/operator/provision/step.ts';
import { addReplay } from '../../src/operator/replay/command.ts';
import { addState } from '../../src/operator/state-command.ts';
import { addVerify } from '../../src/operator/verify/command.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { hasMessages } from '../../src/queue/depth.ts';
import { openQueues } from '../../src/queue/topology.ts';
import { createDynamoDbClient, documentsOf } from '../../src/store/client.ts';
import { allTables } from '../../src/store/kept.ts';
import type { RoleName } from '../../src/store/roles.ts';
import { bury } from '../operator/dlq/letters.ts';
import { eventsOf, recordAll } from '../operator/replay/world.ts';
import { run, testDesk } from '../operator/test-desk.ts';
import { idOf } from '../support/facts.ts';
import { call, createBackend, type TestBackend } from '../support/harness.ts';
import { depth, isEmpty, send } from '../support/queues.ts';
import { recordCalls, type RecordedCalls } from '../support/recorded-calls.ts';
import { shipped } from '../support/shipped.ts';
import { until } from '../support/until.ts';
import { onTestEngines } from './program.ts';

const undo: (() => unknown)[] = [];
/** Of the roles, and of the operator's tool. */
let backend: TestBackend;
let tool: TestBackend;
beforeAll(async () => {
  backend = await createBackend({ visibilitySeconds: 2 });
  tool = await createBackend();
  undo.push(backend.close, tool.close);
  await recordAll(tool.store, eventsOf('payroll'));
});
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** What docs/operations.md says that each part needs. */
const printed = permissionsIn(readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8'));

/** The lines of the page's block of permissions, by part, as the recorder notes calls. */
function permissionsIn(page: string): Map<string, string[]> {
  const [, block = ''] = /## Permissions[^]*?```text\n([^]*?)```/.exec(page) ?? [];
  const parts = block.split(/^(?=\S)/m).map((part): [string, string[]] => {
    const [name = '', ...lines] = part.trim().split('\n');
    return [name, lines.flatMap(callsOf).toSorted()];
  });
  return new Map(parts);
}

/** `  table a, b: X, Y` is `table a X`, `table a Y`, and so on. */
function callsOf(line: string): string[] {
  const [, kind = '', names = '', actions = ''] = /^ {2}(table|queue) ([^:]+): (.+)$/.exec(line) ?? [];
  return names
    .split(', ')
    .flatMap((name) => actions.split(', ').map((action) => `${kind} ${name} ${action}`));
}

/** Tables of projections that Ronda does not ship. */
const further = new Set(
  allTables()
    .map(({ name }) => name)
    .filter((name) => !allTables(shipped).some((one) => one.name === name)),
);

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

test('each role calls what the operations page permits it, and no more is permitted', async () => {
  const { store, sqs, queues, clock } = backend;
  const consumer = await startRole('consumer');
  const slack = await startRole('slack');
  const ingress = await startRole('ingress');
  const { plain } = await makeKey(store, {
    ...{ name: 'all', scopes: ['ingest', 'read', 'admin'], services: null, expires: null },
  });
  const ask = async (method: string, path: string, body?: unknown): Promise<number> => {
    const url = `${ingress.ronda.url}/api/v1/schedulers${path}`;
    return (await call(url, method, body, { 'x-api-key': plain, prefer: 'wait=10' })).status;
  };
  const since = clock.real() - 3_600_000;
  const at = (minute: number): string => utc(since + minute * 60_000);
  const job = { scheduler_id: 'payroll', service_name: 'billing', job_name: 'Payroll' };
  const failure = {
    ...{ ...job, status: 'failed', error_message: 'disk full' },
    ...{ event_id: idOf(1), timestamp: at(4) },
  };

  expect(await ask('POST', '/register', job)).toBe(201);
  expect(await ask('PUT', '/payroll/status', { ...job, status: 'running', timestamp: at(1) })).toBe(200);
  expect(await ask('POST', '/payroll/heartbeat', { scheduler_id: 'payroll', timestamp: at(2) })).toBe(200);
  expect(await ask('PUT', '/payroll/status', failure)).toBe(200);
  expect(await ask('PUT', '/payroll/status', { ...failure, error_message: 'no route' })).toBe(409);
  for (const path of ['', `?as_of=${at(2)}`, '/payroll/history', `/payroll?as_of=${at(2)}`])
    expect(await ask('GET', path)).toBe(200);
  expect(await ask('POST', '/register', { ...job, scheduler_id: 'short-lived' })).toBe(201);
  expect(await ask('DELETE', '/short-lived')).toBe(204);
  for (const { ronda } of [ingress, consumer, slack])
    await fetch(`${ronda.url}/health/ready`).then((answer) => answer.text());

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
    const told = messages.find(({ text }) => text.includes('Payroll failed'));
    const actions = told?.blocks.find(({ type }) => type === 'actions');
    return told === undefined || actions === undefined
      ? undefined
      : { channel: told.channel, ts: told.ts, block_id: actions.block_id };
  });
  for (const action_id of ['history', 'acknowledge'])
    await act('action', { channel, ts, block_id, action_id });
  await act('command', { command: '/eod', text: 'at 00:00', channel });

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
    calls.setAway(false);
    await until('it is asked again', () => calls.needed().includes('queue notices GetQueueAttributes'));
  }

  for (const [role, { ronda, calls }] of Object.entries({ ingress, consumer, slack })) {
    await ronda.stop();
    const needed = calls.needed().filter((one) => !further.has(one.split(' ')[1] ?? ''));
    expect({ role, needed }).toEqual({ role, needed: printed.get(role) });
  }
});

/** What a part of the operator's tool calls, in all that is done with it. */
async function callsIn(
  work: (at: TestBackend, dynamodb: DynamoDBClient) => Promise<void>,
  prefix = tool.prefix,
): Promise<string[]> {
  const calls = await recordCalls(prefix);
  const sqs = { send: createSqsClient('send', calls.sqs), receive: createSqsClient('receive', calls.sqs) };
  const dynamodb = createDynamoDbClient(calls.dynamodb);
  const close = (): void => {
    for (const client of [sqs.send, sqs.receive, dynamodb]) client.destroy();
  };
  try {
    const store = { ...tool.store, client: documentsOf(dynamodb), prefix };
    await work({ ...tool, prefix, store, sqs, close }, dynamodb);
    return calls.needed();
  } finally {
    close();
    await calls.stop();
  }
}

/** Runs commands one after the other, as `ronda` does: each opens the queues first. */
async function commands(
  at: TestBackend,
  add: (program: Command, desk: Desk) => void,
  ...lines: string[]
): Promise<void> {
  for (const line of lines) {
    const queues = await openQueues(at.sqs.send, at.prefix);
    const desk = testDesk({ ...at, queues }, { isTTY: true });
    expect([line, await run(desk, add, line.split(' ')), desk.err()]).not.toContain(2);
  }
}

/** The page tells of the projections that Ronda ships. */
function ofShipped(add: typeof addVerify): (program: Command, desk: Desk) => void {
  return (program, desk) => {
    add(program, desk, shipped);
  };
}

const parts: Readonly<Record<string, (at: TestBackend) => Promise<void>>> = {
  'events, state, audit': async (at) => {
    await commands(at, addEvents, 'events payroll', 'events nobody');
    await commands(at, addState, 'state payroll', 'state payroll --as-of 1m', 'state --all');
    await commands(at, addAudit, 'audit');
  },
  verify: async (at) => {
    await damage();
    await commands(at, ofShipped(addVerify), 'verify --settle 0', 'verify --scheduler payroll --settle 0');
    // Without --settle it asks as long as a difference lasts.
    const { events } = await openQueues(at.sqs.send, at.prefix);
    await hasMessages(at.sqs.send, events.url);
  },
  replay: async (at) => {
    await damage();
    await commands(at, ofShipped(addReplay), 'replay --prune', 'replay --outdated', 'replay --dry-run');
  },
  'dlq list': (at) => commands(at, addDlq, 'dlq list', 'dlq list notices'),
  'dlq redrive': async (at) => {
    for (const queue of ['events', 'notices'])
      await commands(at, addDlq, `dlq redrive ${queue} --dry-run`, `dlq redrive ${queue}`);
  },
  'dlq discard': async (at) => {
    for (const queue of ['events', 'notices'])
      await commands(at, addDlq, `dlq discard ${queue} --filter none --yes`, `dlq discard ${queue} --yes`);
  },
  keys: async (at) => {
    await commands(at, addKeys, 'keys create a', 'keys list', 'keys rotate a', 'keys create b');
    await commands(at, addKeys, 'keys revoke b --yes');
    // Of two that rotate a key at once, one takes back what it made.
    await until('two meet', async () => {
      const name = `c-${at.clock.monotonic()}`;
      await commands(at, addKeys, `keys create ${name}`);
      const [one, other] = [testDesk(at), testDesk(at)];
      const both = [one, other].map((desk) => run(desk, addKeys, ['keys', 'rotate', name]));
      return (await Promise.all(both)).includes(2) && (one.err() + other.err()).includes('by somebody else');
    });
  },
  'extend-retention': async (at) => {
    const days = { HISTORY_RETENTION_DAYS: 300, EVENT_RETENTION_DAYS: 4_000, HEARTBEAT_RETENTION_DAYS: 70 };
    const store = { ...at.store, retention: retentionOf(days) };
    await commands({ ...at, store }, addExtendRetention, 'extend-retention');
  },
};

/** Makes a row and an entry wrong, and leaves a row and an entry without an event. */
async function damage(): Promise<void> {
  const [at, id] = ['2099-11-23T17:09:00.000Z', idOf(99)];
  const key = `${at}#${id}`;
  const put = (table: string, item: object): Promise<unknown> =>
    tool.store.client.send(
      new PutCommand({ TableName: `${tool.prefix}${table}`, Item: { version: 2, rev: 1, ...item } }),
    );
  for (const scheduler_id of ['payroll', 'ghost']) {
    await put('schedulers', { scheduler_id, running: { at, id } });
    await put('scheduler-status-history', { scheduler_id, 'timestamp#event_id': key });
  }
  const first = `2099-11-23T17:01:00.000Z#${idOf(2)}`;
  await put('scheduler-status-history', { scheduler_id: 'payroll', 'timestamp#event_id': first });
}

test.each(Object.entries(parts))(
  'ronda %s calls what the page permits, and no more is',
  async (part, work) => {
    for (const queue of ['events', 'notices'] as const) await bury(tool, '{}', { queue });
    expect(await callsIn(work)).toEqual(printed.get(part));
  },
);

test('so does provisioning', async () => {
  const created = `${tool.prefix}created-`;
  const all = allTables(shipped);
  const provisionAll = (
    sqs: SQSClient,
    dynamodb: DynamoDBClient,
    mode: Mode,
    prefix = created,
  ): Promise<void> =>
    provision({
      sqs,
      dynamodb,
      prefix,
      visibilitySeconds: 2,
      mode,
      projections: shipped,
      report: () => undefined,
    });
  const toCreate = await callsIn(async ({ sqs }, dynamodb) => {
    await provisionAll(sqs.send, dynamodb, 'create');
    await provisionAll(sqs.send, dynamodb, 'create');
  }, created);
  expect(toCreate).toEqual(printed.get('provision'));
  const toPlan = await callsIn(({ sqs }, dynamodb) => provisionAll(sqs.send, dynamodb, 'plan'), created);
  expect(toPlan).toEqual(printed.get('provision --plan'));

  // What an owner made with a fixed capacity.
  const fixed = `${tool.prefix}fixed-`;
  const toForce = await callsIn(async ({ sqs }, dynamodb) => {
    for (const { name, partition, sort } of all) {
      const keys = [partition, ...(sort === undefined ? [] : [sort])];
      await dynamodb.send(
        new CreateTableCommand({
          TableName: `${fixed}${name}`,
          AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: keys.map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? 'HASH' : 'RANGE' })),
          ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        }),
      );
    }
    await provisionAll(sqs.send, dynamodb, 'force', fixed);
  }, fixed);
  expect(toForce.filter((one) => !toCreate.includes(one))).toEqual(
    printed.get('provision --force, beside provision'),
  );
});
