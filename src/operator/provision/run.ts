import { retentionOf } from '../../../projections/retention.ts';
import { clockOf, readSettings } from '../../config.ts';
import { UsageError } from '../../errors.ts';
import { createSqsClient } from '../../queue/client.ts';
import { createDynamoDbClient, documentsOf } from '../../store/client.ts';
import { audited } from '../audit/audited.ts';
import { exit, type CliContext } from '../cli-context.ts';
import type { Flags } from './command.ts';
import { provision } from '../../provision/provision.ts';
import { resourceText, type Mode, type Resource } from '../../provision/resource.ts';

/** What `ronda provision` does. */
export async function run(cli: CliContext, flags: Flags): Promise<void> {
  const { env, stdout, stderr, exitWith } = cli;
  const { plan = false, force = false, json = false } = flags;
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
