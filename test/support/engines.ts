import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runEngines } from '../../localstack/engines-process.ts';
import { startSqs } from '../../localstack/sqs-engine.ts';
import { silent } from '../../src/log.ts';

/** The engines of a test run: those in memory, and in the same process an SQS that keeps its queues in a directory. */
const [, , dir = ''] = process.argv;
const kept = await startSqs(0, join(dir, 'sqs'));
try {
  writeFileSync(join(dir, 'url'), kept.url);
  await runEngines({ dataDir: ':memory:', log: silent, withParent: true });
} finally {
  await kept.stop();
  rmSync(dir, { recursive: true, force: true });
}
