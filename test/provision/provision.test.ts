import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provision } from '../../src/provision/provision.ts';
import { resourceText, type Mode, type Resource } from '../../src/provision/resource.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createDynamoDbClient } from '../../src/store/client.ts';
import { testEndpoints } from '../support/harness.ts';
import { shipped } from '../support/shipped.ts';

const at = testEndpoints();
const sqs = createSqsClient('send', at.sqs);
const dynamodb = createDynamoDbClient(at.dynamodb);
afterAll(() => {
  sqs.destroy();
  dynamodb.destroy();
});

type Given = { prefix?: string; visibilitySeconds?: number; mode?: Mode };

async function run({ prefix = newPrefix(), visibilitySeconds = 30, mode = 'create' }: Given = {}) {
  const steps: Resource[] = [];
  await provision({
    sqs,
    dynamodb,
    prefix,
    visibilitySeconds,
    mode,
    projections: shipped,
    report: (step) => steps.push(step),
  });
  const lines = steps.map((step) => resourceText(step).replaceAll(prefix, '').trimEnd());
  return {
    prefix,
    steps,
    lines: lines.map((line) => line.replace(/ \(not known to this engine: .*\)$/, '')),
  };
}

function newPrefix(): string {
  return `t${randomBytes(6).toString('hex')}-`;
}

/** One that the tests that only look share. */
let provisioned: { readonly prefix: string };
beforeAll(async () => {
  provisioned = await run();
});

async function queue(
  prefix: string,
  name: string,
): Promise<{ url: string; attributes: Record<string, string> }> {
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}${name}` }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return { url: QueueUrl, attributes: Attributes };
}

const tables = [
  ['events', ['scheduler_id', 'occurred_at#event_id']],
  ['schedulers', ['scheduler_id']],
  ['scheduler-status-history', ['scheduler_id', 'timestamp#event_id']],
  ['rules', ['scheduler_id', 'timestamp#event_id']],
  ['messages', ['night', 'message_key']],
  ['alerts', ['night', 'alert_key']],
  ['state', ['key']],
  ['roles', ['role#instance']],
  ['api-keys', ['key_id']],
  ['rate-limits', ['key_id']],
] as const;
const expiring = [
  'events',
  'scheduler-status-history',
  'messages',
  'alerts',
  'state',
  'roles',
  'rate-limits',
];
const recoverable = ['events', 'messages', 'alerts', 'api-keys'];
const queues = ['events', 'events-dlq', 'notices', 'notices-dlq'];

describe('provisioning', () => {
  test('says of every table and queue that it was created, and the second time that it is there', async () => {
    const { prefix, lines } = await run();
    const names = [...tables.map(([name]) => `table ${name}`), ...queues.map((name) => `queue ${name}`)];
    expect(lines.toSorted()).toEqual(names.map((name) => `${name}: created`).toSorted());
    const before = await Promise.all(queues.map((name) => queue(prefix, name)));
    const again = await run({ prefix });
    expect(again.lines.toSorted()).toEqual(names.map((name) => `${name}: there`).toSorted());
    const after = await Promise.all(queues.map((name) => queue(prefix, name)));
    expect(after).toEqual(before);
  });

  test('when it only shows, creates nothing', async () => {
    const { prefix, steps } = await run({ mode: 'plan' });
    expect(steps.map(({ outcome }) => outcome)).toEqual(Array(14).fill('missing'));
    const again = await run({ prefix, mode: 'plan' });
    expect(again.steps.map(({ outcome }) => outcome)).toEqual(Array(14).fill('missing'));
  });

  test('leaves what an owner has changed, says how it differs, and changes it when forced', async () => {
    const { prefix } = await run();
    const { url } = await queue(prefix, 'events-dlq');
    const Attributes = { MessageRetentionPeriod: '345600', Policy: '' };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    const live = await queue(prefix, 'events');
    const RedrivePolicy = (live.attributes['RedrivePolicy'] ?? '').replace('100', '5');
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: live.url, Attributes: { RedrivePolicy } }));

    const differing = [
      'queue events-dlq: differs: retention 4 days, wished 14 days; policy none, wished one that denies plain HTTP',
      'queue events: differs: dead letters to events-dlq after 5 receives, wished to events-dlq after 100 receives',
    ];
    for (const mode of ['plan', 'create'] as const) {
      const { lines } = await run({ prefix, mode });
      expect(lines.filter((line) => line.includes('differs'))).toEqual(differing);
    }
    expect((await queue(prefix, 'events-dlq')).attributes).toMatchObject({
      MessageRetentionPeriod: '345600',
    });

    const { lines } = await run({ prefix, mode: 'force' });
    expect(lines).toContain(
      'queue events-dlq: changed: retention 4 days, now 14 days; policy none, now one that denies plain HTTP',
    );
    expect((await queue(prefix, 'events-dlq')).attributes).toMatchObject({
      MessageRetentionPeriod: '1209600',
    });
    const { steps } = await run({ prefix });
    expect(steps.map(({ outcome }) => outcome)).toEqual(Array(14).fill('there'));
  });

  test('shows a table that is made otherwise, and changes of it what can be changed', async () => {
    const prefix = newPrefix();
    await dynamodb.send(
      new CreateTableCommand({
        TableName: `${prefix}roles`,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      }),
    );
    const key = 'key (which cannot be changed) id, wished role#instance';
    const { lines } = await run({ prefix });
    expect(lines).toContain(`table roles: differs: ${key}; capacity provisioned, wished on demand`);
    const forced = await run({ prefix, mode: 'force' });
    expect(forced.lines).toContain(`table roles: differs: ${key}`);
  });

  test.each([
    ['time to live', expiring],
    ['point-in-time recovery', recoverable],
  ])('turns %s on where it belongs, or says that this engine does not know it', async (what, names) => {
    const { steps, prefix } = await run();
    const without = steps.filter(({ left_out }) => left_out.includes(what)).map(({ name }) => name);
    const belongs = names.map((name) => `${prefix}${name}`);
    expect([[], belongs.toSorted()]).toContainEqual(without.toSorted());
    if (without.length > 0) return;
    for (const name of belongs) expect(await isOn(what, name)).toBe(true);
  });

  async function isOn(what: string, TableName: string): Promise<boolean> {
    if (what === 'time to live') {
      const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
      const { AttributeName, TimeToLiveStatus } = TimeToLiveDescription ?? {};
      return AttributeName === 'expires_at' && /^ENABL/.test(TimeToLiveStatus ?? '');
    }
    const { ContinuousBackupsDescription } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const { PointInTimeRecoveryDescription } = ContinuousBackupsDescription ?? {};
    return PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  }

  test('by two at once ends well for both', async () => {
    const prefix = newPrefix();
    await Promise.all([run({ prefix }), run({ prefix })]);
    const { steps } = await run({ prefix });
    expect(steps.map(({ outcome }) => outcome)).toEqual(Array(14).fill('there'));
  });
});

describe('a table', () => {
  test.each(tables)('%s has the keys %j, all strings, and is on demand', async (name, keys) => {
    const { prefix } = provisioned;
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: `${prefix}${name}` }));
    const [partition = '', sort] = keys;
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    expect(Table?.KeySchema).toEqual([
      { AttributeName: partition, KeyType: 'HASH' },
      ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
    ]);
    expect(new Set(Table?.AttributeDefinitions)).toEqual(
      new Set(keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))),
    );
  });
});

describe('a queue', () => {
  test.each([
    ['events', '100'],
    ['notices', '1000'],
  ])('%s polls long, keeps 4 days, and gives up after %s receives', async (name, receives) => {
    const { prefix } = provisioned;
    const { attributes } = await queue(prefix, name);
    expect(attributes).toMatchObject({
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '20',
      VisibilityTimeout: '30',
    });
    const dead = await queue(prefix, `${name}-dlq`);
    const redrive: unknown = JSON.parse(attributes['RedrivePolicy'] ?? 'null');
    expect(redrive).toMatchObject({ deadLetterTargetArn: dead.attributes['QueueArn'] });
    expect(attributes['RedrivePolicy']).toMatch(new RegExp(`"maxReceiveCount":"?${receives}\\b`));
  });

  test.each(['events-dlq', 'notices-dlq'])('%s keeps 14 days and has none behind it', async (name) => {
    const { prefix } = provisioned;
    const { attributes } = await queue(prefix, name);
    expect(attributes).toMatchObject({ MessageRetentionPeriod: '1209600', VisibilityTimeout: '30' });
    expect(attributes['RedrivePolicy'] ?? '').toBe('');
  });

  test.each(queues)('%s is closed to clear text', async (name) => {
    const { prefix } = provisioned;
    const { attributes } = await queue(prefix, name);
    expect(JSON.parse(attributes['Policy'] ?? 'null')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OnlyOverTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: attributes['QueueArn'],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });

  test('keeps the policy that its owner has set', async () => {
    const { prefix } = await run();
    const { url, attributes } = await queue(prefix, 'events');
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AnotherAccount',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'sqs:SendMessage',
          Resource: attributes['QueueArn'],
        },
      ],
    };
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: JSON.stringify(policy) } }),
    );
    await run({ prefix, mode: 'force' });
    const after = await queue(prefix, 'events');
    expect(JSON.parse(after.attributes['Policy'] ?? 'null')).toEqual(policy);
  });
});

test('an engine that is away is an error, not a line', async () => {
  const away = createSqsClient('send', 'http://127.0.0.1:1');
  const steps: Resource[] = [];
  const plan = {
    sqs: away,
    dynamodb,
    prefix: provisioned.prefix,
    visibilitySeconds: 30,
    mode: 'create',
  } as const;
  await expect(provision({ ...plan, report: (step) => steps.push(step) })).rejects.toThrow(/ECONNREFUSED/);
  expect(steps.filter(({ kind }) => kind === 'queue')).toEqual([]);
  away.destroy();
});
