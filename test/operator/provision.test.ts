import {
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
import { provision } from '../../src/operator/provision.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createDynamoDbClient } from '../../src/store/client.ts';
import { testEndpoints } from '../support/harness.ts';

const at = testEndpoints();
const sqs = createSqsClient('send', at.sqs);
const dynamodb = createDynamoDbClient(at.dynamodb);
afterAll(() => {
  sqs.destroy();
  dynamodb.destroy();
});

async function run(prefix = `t${randomBytes(6).toString('hex')}-`, visibilitySeconds = 30) {
  const lines: string[] = [];
  await provision({ sqs, dynamodb, prefix, visibilitySeconds, report: (line) => lines.push(line) });
  return { prefix, lines: lines.map((line) => line.replace(prefix, '')) };
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
  ['messages', ['night', 'message_key']],
  ['roles', ['role#instance']],
  ['api-keys', ['key_id']],
  ['rate-limits', ['key_id']],
] as const;
const expiring = ['events', 'scheduler-status-history', 'messages', 'roles', 'rate-limits'];
const recoverable = ['events', 'messages', 'api-keys'];
const queues = ['events', 'events-dlq', 'notices', 'notices-dlq'];

describe('provisioning', () => {
  test('says of every table and queue what it did', async () => {
    const { lines } = await run();
    const created = tables.map(([name]) => `table ${name}: created`);
    const there = queues.map((name) => `queue ${name}: there`);
    expect(lines).toEqual(expect.arrayContaining([...created, ...there]));
    expect(lines).toHaveLength(tables.length + queues.length + expiring.length + recoverable.length);
  });

  test.each([
    ['time to live', expiring],
    ['point-in-time recovery', recoverable],
  ])('says of %s on which tables it is on, or that this engine does not know it', async (what, names) => {
    const { lines, prefix } = await run();
    const said = lines.filter((line) => line.includes(what));
    const ends = new Set(said.map((line) => line.replace(/^table [a-z-]+: /, '')));
    expect(said.map((line) => line.split(/[ :]/)[1]).toSorted()).toEqual(names.toSorted());
    expect([[`${what}: on`], [`${what}: not known to this engine, left out`]]).toContainEqual([...ends]);
    // "on" is a fact that the engine must confirm.
    if (!ends.has(`${what}: on`)) return;
    for (const name of names) expect(await isOn(what, `${prefix}${name}`)).toBe(true);
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

  test('twice changes nothing', async () => {
    const { prefix } = await run();
    const before = await Promise.all(queues.map((name) => queue(prefix, name)));
    const { lines } = await run(prefix);
    expect(lines).toEqual(expect.arrayContaining(tables.map(([name]) => `table ${name}: there`)));
    expect(lines.filter((line) => line.endsWith('created'))).toEqual([]);
    const after = await Promise.all(queues.map((name) => queue(prefix, name)));
    const settled = (all: typeof before) =>
      all.map(({ url, attributes }) => ({ ...attributes, url, LastModifiedTimestamp: '' }));
    expect(settled(after)).toEqual(settled(before));
  });

  test('by two at once ends well for both', async () => {
    const { prefix } = await run();
    const fresh = `${prefix}b-`;
    await Promise.all([run(fresh), run(fresh)]);
    const { lines } = await run(fresh);
    expect(lines.filter((line) => line.startsWith('table') && line.endsWith('there'))).toHaveLength(7);
  });

  test('sets what has been asked for differently since', async () => {
    const { prefix } = await run();
    await run(prefix, 45);
    for (const name of queues) {
      expect((await queue(prefix, name)).attributes).toMatchObject({ VisibilityTimeout: '45' });
    }
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
    await run(prefix);
    const after = await queue(prefix, 'events');
    expect(JSON.parse(after.attributes['Policy'] ?? 'null')).toEqual(policy);
  });
});

test('an engine that is away is an error, not a line', async () => {
  const away = createSqsClient('send', 'http://127.0.0.1:1');
  const lines: string[] = [];
  const plan = { sqs: away, dynamodb, prefix: provisioned.prefix, visibilitySeconds: 30 };
  await expect(provision({ ...plan, report: (line) => lines.push(line) })).rejects.toThrow(/ECONNREFUSED/);
  expect(lines.filter((line) => line.startsWith('queue'))).toEqual([]);
  away.destroy();
});
