import { afterAll } from '@jest/globals';
import { createBackend, startIngress, startTestConsumer, type TestBackend } from './harness.ts';
import { undone } from './undo.ts';

const steps = undone(afterAll);

/** Undoes something after the last test of the file, what was opened last first. */
export function atTheEnd(step: () => unknown): void {
  steps.push(step);
}

/** Tables and queues for the tests of a file. */
export async function openBackend(options?: Parameters<typeof createBackend>[0]): Promise<TestBackend> {
  const backend = await createBackend(options);
  atTheEnd(backend.close);
  return backend;
}

/** A Ronda for the tests of a file: tables and queues, an ingress, and a consumer that applies what it takes. */
export async function openRonda() {
  const backend = await openBackend();
  const ingress = await startIngress(backend);
  atTheEnd(ingress.stop);
  const consumer = startTestConsumer(backend);
  atTheEnd(consumer.stop);
  return { backend, ingress };
}
