import type { Command } from 'commander';
import { readSettings } from '../config.ts';
import { UsageError } from '../errors.ts';
import { createSqsClient } from '../queue/client.ts';
import { createDynamoDbClient } from '../store/client.ts';
import type { Desk } from './desk.ts';
import { provision } from './provision.ts';

export function addProvision(program: Command, { env, stdout }: Desk): void {
  program
    .command('provision')
    .description('create the tables and queues that are missing; safe to run again')
    .option('--json', 'print the steps as a JSON array')
    .action(async ({ json = false }: { json?: boolean }) => {
      const settings = readSettings(env);
      if (settings.RONDA_BACKEND === 'embedded') {
        throw new UsageError(
          'With RONDA_BACKEND=embedded, "ronda start" provisions by itself. Set RONDA_BACKEND=aws.',
        );
      }
      const steps: string[] = [];
      await provision({
        sqs: createSqsClient('send'),
        dynamodb: createDynamoDbClient(),
        prefix: settings.RONDA_PREFIX,
        visibilitySeconds: settings.RONDA_VISIBILITY_SECONDS,
        report: (line) => {
          steps.push(line);
          if (!json) stdout.write(`${line}\n`);
        },
      });
      if (json) stdout.write(`${JSON.stringify(steps)}\n`);
    });
}
