import type { Command } from 'commander';
import { retentionOf } from '../../projections/retention.ts';
import { clockOf, readSettings } from '../config.ts';
import { UsageError } from '../errors.ts';
import { createSqsClient } from '../queue/client.ts';
import { createDynamoDbClient, documentsOf } from '../store/client.ts';
import { audited } from './audit/audited.ts';
import { exit, type CliContext } from './cli-context.ts';
import { provision } from '../provision/provision.ts';
import { resourceText, type Mode, type Resource } from '../provision/resource.ts';

type Flags = { readonly plan?: boolean; readonly force?: boolean; readonly json?: boolean };

const examples = `
What is there stays as its owner has it, unless --force is given. Exit code 1
when --plan finds something missing or different, or --force cannot change it.

Examples:
  $ ronda provision --plan
  $ ronda provision --json
`;

/** `ronda provision`. */
export function addProvision(program: Command, cli: CliContext): void {
  program
    .command('provision')
    .description(
      'with RONDA_BACKEND=aws: create the tables and queues that are missing, and show what is there but differs',
    )
    .option('--plan', 'create nothing, only show')
    .option('--force', 'also change what differs')
    .option('--json', 'print one JSON array: an object for each table and queue')
    .addHelpText('after', examples)
    .action((flags: Flags) => run(cli, flags));
}

async function run(cli: CliContext, flags: Flags): Promise<void> {
  const { env, stdout, stderr, exitWith } = cli;
  const { plan = false, force = false, json = false } = flags;
  if (plan && force) throw new UsageError('--plan, --force: only one of them');
  const mode: Mode = plan ? 'plan' : force ? 'force' : 'create';
  const settings = readSettings(env);
  if (settings.RONDA_BACKEND === 'embedded') {
    throw new UsageError(
      'With RONDA_BACKEND=embedded, "ronda start" provisions by itself. Set RONDA_BACKEND=aws.',
    );
  }
  const resources: Resource[] = [];
  const sqs = createSqsClient('send');
  const dynamodb = createDynamoDbClient();
  const { RONDA_PREFIX: prefix, RONDA_VISIBILITY_SECONDS: visibilitySeconds } = settings;
  const go = (): Promise<void> =>
    provision({
      ...{ sqs, dynamodb, mode, prefix, visibilitySeconds },
      report: (resource) => {
        resources.push(resource);
        if (!json) stdout.write(resourceText(resource));
      },
    });
  const store = {
    client: documentsOf(dynamodb),
    prefix,
    clock: clockOf(settings),
    retention: retentionOf(settings),
  };
  try {
    if (!force) await go();
    else
      await audited(cli, store, { act: 'provision --force', details: {} }, async (note) => {
        await go();
        const changed = resources.filter(({ outcome }) => outcome === 'changed');
        note({ changed: changed.map((resource) => resourceText(resource).trimEnd()) });
        return changed.length > 0;
      });
  } finally {
    sqs.destroy();
    dynamodb.destroy();
  }
  if (json) stdout.write(`${JSON.stringify(resources)}\n`);
  const isLeft = ({ outcome }: Resource): boolean => outcome === 'differs';
  if (mode === 'create' && resources.some(isLeft))
    stderr.write('What differs was left as it is: "ronda provision --force" changes it.\n');
  if (mode === 'force' && resources.some(isLeft)) exitWith(exit.wrong);
  if (mode === 'plan' && resources.some((resource) => resource.outcome !== 'there')) exitWith(exit.wrong);
}
