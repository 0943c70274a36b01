import type { QueueName } from '../../queue/topology.ts';
import type { CliContext } from '../cli-context.ts';
import { openDeadQueue } from './dead-queue.ts';
import type { Work } from './work.ts';

/** Opens a dead-letter queue, does the work there and gives back what it still has in hand. */
export async function atDeadQueue(
  cli: CliContext,
  name: QueueName,
  work: (at: Work) => Promise<void>,
): Promise<void> {
  await cli.withConnection(async (connection) => {
    const { sqs, clock, queues } = connection;
    const dead = openDeadQueue({ sqs, url: queues[name].deadLetterUrl, clock, log: await cli.log() });
    try {
      await work({ cli, connection, dead });
    } finally {
      await dead.close();
    }
  });
}
