import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readApiKey } from '../store/keys/api-keys.ts';
import type { RoleName } from '../store/role-names.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import type { Store } from '../store/store.ts';
import { Unwell, type Checks } from './checks.ts';

export type ReadyParts = {
  readonly roles: readonly RoleName[];
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly eventsUrl: string;
  /** Of the role `slack` in this process: what Slack has against the token; null: it took it when last asked. */
  readonly slackProblem: () => string | null;
};

/**
 * What this process needs for its own work. A process that serves the ingress never fails for what others do or for
 * Slack: a load balancer would turn their outage into lost events.
 */
export function readyChecks({ roles, store, sqs, eventsUrl, slackProblem }: ReadyParts): Checks {
  const has = (...names: RoleName[]): boolean => names.some((name) => roles.includes(name));
  const queue = () =>
    sqs.send(new GetQueueAttributesCommand({ QueueUrl: eventsUrl, AttributeNames: ['QueueArn'] }));
  return {
    ...(has('ingress', 'consumer') ? { queue } : {}),
    ...(has('ingress') ? { keys: () => readApiKey(store, 'probe') } : {}),
    ...(has('consumer', 'slack') ? { tables: () => readRow(store, 'probe') } : {}),
    ...(has('slack') && !has('ingress') ? { slack: () => isTaken(slackProblem()) } : {}),
  };
}

function isTaken(problem: string | null): Promise<void> {
  return problem === null ? Promise.resolve() : Promise.reject(new Unwell(problem));
}
