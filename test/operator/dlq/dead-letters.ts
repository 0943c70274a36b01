import { afterEach } from '@jest/globals';
import { addDlq } from '../../../src/operator/dlq/command.ts';
import type { Editor } from '../../../src/operator/dlq/edit.ts';
import type { QueueName } from '../../../src/queue/topology.ts';
import { createBackend, keptSqs, type TestBackend } from '../../support/harness.ts';
import { send } from '../../support/queues.ts';
import { run, testCli, type TestCli } from '../test-cli.ts';
import { undone } from '../../support/undo.ts';

/**
 * For the top of a test file: opens backends whose queues lie on disk, and undoes what each test had to undo.
 * @returns how to open one, and how to have more undone
 */
export function openBackends(): {
  readonly backendOf: () => Promise<TestBackend>;
  readonly after: (step: () => unknown) => void;
} {
  const undo = undone(afterEach);
  return {
    backendOf: async () => {
      const backend = await createBackend({ sqsEndpoint: keptSqs() });
      undo.push(backend.close);
      return backend;
    },
    after: (step) => {
      undo.push(step);
    },
  };
}

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
  { editor, cli = testCli(backend) }: { editor?: Editor; cli?: TestCli } = {},
): Promise<Ran> {
  const code = await run(
    cli,
    (program, at) => {
      addDlq(program, at, editor);
    },
    ['dlq', ...argv],
  );
  return { code, out: cli.out(), err: cli.err() };
}
