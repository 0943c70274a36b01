import { startChild } from '../../localstack/engines-child.ts';
import { testEngines } from './test-engines.ts';

/**
 * One pair of engines for the whole run, in memory, unless the environment names servers to test against.
 * They end with this process in whatever way it ends.
 */
export default async function globalSetup(): Promise<void> {
  const { env } = process;
  if (env['RONDA_TEST_SQS_ENDPOINT'] !== undefined && env['RONDA_TEST_DYNAMODB_ENDPOINT'] !== undefined)
    return;
  const child = await startChild({ dataDir: ':memory:' });
  testEngines.child = child;
  env['RONDA_TEST_SQS_ENDPOINT'] ??= child.at.sqs;
  env['RONDA_TEST_DYNAMODB_ENDPOINT'] ??= child.at.dynamodb;
}
