import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { pause } from '../clock.ts';
import { errorName } from '../errors.ts';
import { expiryAttribute, tableName, type TableDefinition } from '../store/tables.ts';
import type { Difference, Provisioning, Resource } from './resource.ts';

/** What a table can be told to do beside being there. */
type Feature = {
  readonly name: string;
  readonly isOn: () => Promise<boolean>;
  /** Succeeds where it is on already. */
  readonly turnOn: () => Promise<unknown>;
};

/**
 * Makes a table as its definition says, as far as the mode allows. What cannot be told of it, or set, is
 * `left_out`.
 */
export async function provisionTable(
  { dynamodb, prefix, mode }: Provisioning,
  definition: TableDefinition,
): Promise<Resource> {
  const name = tableName(prefix, definition);
  const found = await describe(dynamodb, name);
  const resource = { kind: 'table', name, differences: [], left_out: [] } as const;
  if (found === undefined && mode === 'plan') return { ...resource, outcome: 'missing' };

  const created = found === undefined && (await create(dynamodb, name, definition));
  if (found?.TableStatus !== 'ACTIVE' && mode !== 'plan') await untilActive(dynamodb, name);
  const odd = found === undefined ? [] : structureOf(found, definition);
  const left_out: string[] = [];
  for (const feature of featuresOf(dynamodb, name, definition)) {
    try {
      if (found !== undefined && (await feature.isOn())) continue;
      if (found === undefined || mode === 'force') await feature.turnOn();
      odd.push({ what: feature.name, is: 'off', wished: 'on' });
    } catch (error) {
      if (!unknownOperation.has(errorName(error) ?? '')) throw error;
      left_out.push(feature.name);
    }
  }
  if (found === undefined) return { ...resource, outcome: created ? 'created' : 'there', left_out };
  if (mode === 'force' && odd.some(({ what }) => what === capacity)) await makeOnDemand(dynamodb, name);
  const left = mode === 'force' ? odd.filter(({ what }) => what === key) : odd;
  if (left.length > 0) return { ...resource, outcome: 'differs', differences: left, left_out };
  return { ...resource, outcome: odd.length > 0 ? 'changed' : 'there', differences: odd, left_out };
}

const capacity = 'capacity';
const key = 'key (which cannot be changed)';

async function describe(dynamodb: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function keysOf({ partition, sort }: TableDefinition): string[] {
  return [partition, ...(sort === undefined ? [] : [sort])];
}

/** @returns false when somebody else has just created it */
async function create(
  dynamodb: DynamoDBClient,
  TableName: string,
  definition: TableDefinition,
): Promise<boolean> {
  const keys = keysOf(definition);
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}

/** How a table that is there differs in what it is made of. */
function structureOf(found: TableDescription, definition: TableDefinition): Difference[] {
  const keys = (found.KeySchema ?? []).map(({ AttributeName = '' }) => AttributeName).join(', ');
  const wished = keysOf(definition).join(', ');
  const isOnDemand = found.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST';
  return [
    ...(keys === wished ? [] : [{ what: key, is: keys, wished }]),
    ...(isOnDemand ? [] : [{ what: capacity, is: 'provisioned', wished: 'on demand' }]),
  ];
}

async function makeOnDemand(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  await dynamodb.send(new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }));
  await untilActive(dynamodb, TableName);
}

async function untilActive(client: DynamoDBClient, TableName: string): Promise<void> {
  await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 2 }, { TableName });
}

function featuresOf(dynamodb: DynamoDBClient, TableName: string, definition: TableDefinition): Feature[] {
  const expires = async (): Promise<boolean> => {
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    return /^ENABL/.test(TimeToLiveDescription?.TimeToLiveStatus ?? '');
  };
  const isRecoverable = async (): Promise<boolean> => {
    const { ContinuousBackupsDescription } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const { PointInTimeRecoveryDescription } = ContinuousBackupsDescription ?? {};
    return PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  };
  const timeToLive = {
    name: 'time to live',
    isOn: expires,
    turnOn: () => enableTimeToLive(dynamodb, TableName, expires),
  };
  const recovery = {
    name: 'point-in-time recovery',
    isOn: isRecoverable,
    turnOn: () => enableRecovery(dynamodb, TableName),
  };
  return [...(definition.expires ? [timeToLive] : []), ...(definition.recoverable ? [recovery] : [])];
}

/** DynamoDB refuses to enable what is enabled: another may have done so meanwhile. */
async function enableTimeToLive(
  dynamodb: DynamoDBClient,
  TableName: string,
  isOn: () => Promise<boolean>,
): Promise<void> {
  const TimeToLiveSpecification = { AttributeName: expiryAttribute, Enabled: true };
  try {
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    if (unknownOperation.has(errorName(error) ?? '') || !(await isOn())) throw error;
  }
}

const maxRecoveryTries = 15;
const recoveryPauseMs = 2_000;

/** A table that was just created may not be ready for it yet, though it is active. */
async function enableRecovery(dynamodb: DynamoDBClient, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  for (let tries = 1; ; tries += 1) {
    try {
      await dynamodb.send(
        new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
      );
      return;
    } catch (error) {
      if (errorName(error) !== 'ContinuousBackupsUnavailableException' || tries === maxRecoveryTries)
        throw error;
      await pause(recoveryPauseMs);
    }
  }
}

const unknownOperation = new Set([
  'UnknownOperationException',
  'NotImplemented',
  'InternalFailure',
  'UnknownOperation',
]);
