import { queues, type QueueName } from '../queue/topology.ts';
import { allTables, type StoredProjection } from '../store/projections/registry.ts';
import { provisionQueue } from './queues.ts';
import type { Provisioning, Resource } from './resource.ts';
import { provisionTable } from './tables.ts';

export type ProvisionPlan = Provisioning & {
  /** Whose tables there are to be; by default those of all projections. */
  readonly projections?: readonly StoredProjection[];
  /** Called with each table and queue once all is done about it. */
  readonly report: (resource: Resource) => void;
};

/**
 * Creates the tables and queues that are missing. What is there stays as its owner has it, and how that differs from
 * what is wished is reported; with `force` it is changed. What an engine does not know is reported and left out.
 */
export async function provision(plan: ProvisionPlan): Promise<void> {
  const all = await Promise.allSettled([
    ...allTables(plan.projections).map(async (table) => {
      plan.report(await provisionTable(plan, table));
    }),
    ...queueNames.map(async (queue) => {
      for await (const resource of provisionQueue(plan, queue)) plan.report(resource);
    }),
  ]);
  for (const one of all) if (one.status === 'rejected') throw one.reason;
}

const isQueueName = (name: string): name is QueueName => Object.hasOwn(queues, name);
const queueNames = Object.keys(queues).filter(isQueueName);
