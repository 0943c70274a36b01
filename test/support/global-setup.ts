import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../localstack/engines-child.ts';
import { testEngines } from './test-engines.ts';

const enginesScript = fileURLToPath(new URL('engines.ts', import.meta.url));

/**
 * One pair of engines for the whole run, in memory, and an SQS that keeps its queues on disk, unless the environment
 * names servers to test against. They end with this process in whatever way it ends.
 */
export default async function globalSetup(): Promise<void> {
  const { env } = process;
  if (env['RONDA_TEST_SQS_ENDPOINT'] !== undefined && env['RONDA_TEST_DYNAMODB_ENDPOINT'] !== undefined)
    return;
  const dir = mkdtempSync(join(tmpdir(), 'ronda-'));
  const child = await startChild({ dataDir: ':memory:', command: [enginesScript, dir] });
  testEngines.child = child;
  env['RONDA_TEST_KEPT_SQS_ENDPOINT'] ??=
    env['RONDA_TEST_SQS_ENDPOINT'] ?? readFileSync(join(dir, 'url'), 'utf8');
  env['RONDA_TEST_SQS_ENDPOINT'] ??= child.at.sqs;
  env['RONDA_TEST_DYNAMODB_ENDPOINT'] ??= child.at.dynamodb;
}
