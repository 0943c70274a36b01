import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { retentionOf } from '../../../projections/retention.ts';
import type { Transport } from '../../../src/alerts/transport.ts';
import { addAlerts } from '../../../src/operator/alerts/command.ts';
import { addAudit } from '../../../src/operator/audit/command.ts';
import type { CliContext } from '../../../src/operator/cli-context.ts';
import { addDlq } from '../../../src/operator/dlq/command.ts';
import { addEvents } from '../../../src/operator/events/command.ts';
import { addExtendRetention } from '../../../src/operator/extend-retention/command.ts';
import { addKeys } from '../../../src/operator/keys/command.ts';
import { addMaintenance } from '../../../src/operator/maintenance/command.ts';
import { addNight } from '../../../src/operator/night/command.ts';
import { provision } from '../../../src/provision/provision.ts';
import type { Mode } from '../../../src/provision/resource.ts';
import { addReplay } from '../../../src/operator/replay/command.ts';
import { addState } from '../../../src/operator/state/command.ts';
import { addVerify } from '../../../src/operator/verify/command.ts';
import { createSqsClient } from '../../../src/queue/client.ts';
import { hasMessages } from '../../../src/queue/depth.ts';
import { openQueues } from '../../../src/queue/topology.ts';
import { alertTable, deliveryKey, deliveryTable } from '../../../src/store/alerts/alert-rows.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { allTables } from '../../../src/store/projections/registry.ts';
import { readStreams } from '../../../src/store/projections/rule-rows.ts';
import { bury } from '../../operator/dlq/dead-letters.ts';
import { eventsOf, recordAll } from '../../operator/replay/world.ts';
import { run, testCli } from '../../operator/test-cli.ts';
import { expectationSet, idOf, recorded } from '../../support/events.ts';
import type { TestBackend } from '../../support/harness.ts';
import { openBackend } from '../../support/open.ts';
import { recordCalls } from '../../support/recorded-calls.ts';
import { shipped } from '../../support/shipped.ts';
import { until } from '../../support/until.ts';
import { printed } from './page.ts';

const tool = await openBackend();
await recordAll(tool.store, eventsOf('payroll'));
await recordAll(tool.store, [
  recorded(expectationSet({ event_id: idOf(50), expectation: '{"schedule":"night"}' })),
]);

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

const hook: Transport = {
  name: 'webhook:ops',
  reconciles: false,
  address: 'there',
  deliver: () => Promise.resolve('delivered'),
  test: () => Promise.resolve('HTTP 204'),
};

/** Runs commands one after the other, as `ronda` does: each opens the queues first. */
async function commands(
  at: TestBackend,
  add: (program: Command, cli: CliContext) => void,
  ...lines: string[]
): Promise<void> {
  for (const line of lines) {
    const queues = await openQueues(at.sqs.send, at.prefix);
    const cli = testCli({ ...at, queues }, { isTTY: true, transports: [hook] });
    expect([line, await run(cli, add, line.split(' ')), cli.err()]).not.toContain(2);
  }
}

/** The page tells of the projections that Ronda ships. */
function ofShipped(add: typeof addVerify): (program: Command, cli: CliContext) => void {
  return (program, cli) => {
    add(program, cli, shipped);
  };
}

const parts: Readonly<Record<string, (at: TestBackend) => Promise<void>>> = {
  'events, state, audit': async (at) => {
    await commands(at, addEvents, 'events payroll', 'events nobody');
    await commands(at, addState, 'state payroll', 'state payroll --as-of 1m', 'state --all');
    await commands(at, addAudit, 'audit');
  },
  'night, maintenance': async (at) => {
    await commands(at, addNight, 'night');
    const plan = ['maintenance plan --service ledger --for 2h --reason disks', 'maintenance list'];
    await commands(at, addMaintenance, ...plan);
    const { maintenances } = await readStreams(tool.store, 'maintenance/');
    await commands(at, addMaintenance, ...maintenances.map(({ id }) => `maintenance end ${id}`));
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
  'alerts list': (at) => commands(at, addAlerts, 'alerts list'),
  'alerts test': (at) => commands(at, addAlerts, 'alerts test webhook:ops'),
  'alerts resend': async (at) => {
    const alert = { night: 'eod/2099-11-24', alert_key: 'a' };
    const common = { ...alert, scheduler_id: 'payroll', created_at: '2099-11-23T18:40:00.000Z' };
    await alertTable(tool.store).create({
      ...common,
      kind: 'failure',
      state: 'open',
      occurred_at: '',
      event_id: '',
    });
    const transport = 'webhook:ops';
    const delivery = { ...common, ...deliveryKey(alert, transport), kind: 'delivery', transport } as const;
    await deliveryTable(tool.store).create({ ...delivery, failed: true });
    await commands(at, addAlerts, 'alerts resend eod/2099-11-24/a');
  },
  keys: async (at) => {
    await commands(at, addKeys, 'keys create a', 'keys list', 'keys rotate a', 'keys create b');
    await commands(at, addKeys, 'keys revoke b --yes');
    // Of two that rotate a key at once, one takes back what it made.
    await until('two meet', async () => {
      const name = `c-${at.clock.monotonic()}`;
      await commands(at, addKeys, `keys create ${name}`);
      const [one, other] = [testCli(at), testCli(at)];
      const both = [one, other].map((cli) => run(cli, addKeys, ['keys', 'rotate', name]));
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
    await put('rules', { scheduler_id, 'timestamp#event_id': key });
  }
  await put('rules', {
    scheduler_id: 'payroll',
    'timestamp#event_id': `2099-11-23T17:30:00.000Z#${idOf(50)}`,
  });
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
