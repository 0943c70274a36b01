import { addDlq } from '../../../src/operator/dlq/command.ts';
import type { Editor } from '../../../src/operator/dlq/edit.ts';
import type { QueueName } from '../../../src/queue/topology.ts';
import type { TestBackend } from '../../support/harness.ts';
import { send } from '../../support/queues.ts';
import { run, testDesk, type TestDesk } from '../test-desk.ts';

/** Puts a message into a dead-letter queue as the consumer does. */
export async function bury(
  { sqs, queues }: TestBackend,
  body: unknown,
  {
    queue = 'events',
    id,
    sentAt,
    reason,
    correlationId,
  }: { queue?: QueueName; id?: string; sentAt?: string; reason?: string; correlationId?: string } = {},
): Promise<string> {
  return send(sqs.send, queues[queue].deadLetterUrl, body, {
    ...(id === undefined ? {} : { 'ronda-message-id': id }),
    ...(sentAt === undefined ? {} : { 'ronda-sent-at': sentAt }),
    ...(reason === undefined ? {} : { 'ronda-reason': reason }),
    ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }),
  });
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs `ronda dlq ...` to its end. */
export async function dlq(
  backend: TestBackend,
  argv: readonly string[],
  { editor, desk = testDesk(backend) }: { editor?: Editor; desk?: TestDesk } = {},
): Promise<Ran> {
  const code = await run(
    desk,
    (program, at) => {
      addDlq(program, at, editor);
    },
    ['dlq', ...argv],
  );
  return { code, out: desk.out(), err: desk.err() };
}
