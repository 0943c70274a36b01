import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import express from 'express';
import { stringAttributes, type Publisher } from '../src/queue/publisher.ts';
import { bootstrapKey, createBackend, startIngress, type TestBackend } from '../test/support/harness.ts';
import { register, schedulerIds, statusBody } from './fixtures.ts';
import { loadOutcome, type LoadJob, type LoadOutcome } from './load-job.ts';
import type { Row } from './results.ts';
import { median, medianRatio } from './statistics.ts';

const variants = ['ronda', 'bare Express', 'un-batched'] as const;
type Variant = (typeof variants)[number];

const measures = [
  { key: 'p50', unit: 'ms' },
  { key: 'p99', unit: 'ms' },
  { key: 'perSecond', unit: 'answers/s' },
] as const;

/** How fast PUT status is answered, against an Express that queues nothing and an ingress that queues singly. */
export async function ingressAnswer(quick: boolean): Promise<Row[]> {
  const [rounds, ms] = quick ? [2, 150] : [5, 750];
  const backend = await createBackend();
  const schedulers = schedulerIds(50);
  await register(backend, schedulers);
  const batched = await startIngress(backend);
  const singly = await startIngress(backend, { publisher: singlePublisher(backend) });
  const bare = await startBare();
  const urls: Record<Variant, string> = {
    ronda: batched.url,
    'bare Express': bare.url,
    'un-batched': singly.url,
  };
  const client = fork(fileURLToPath(new URL('load-client.ts', import.meta.url)));
  try {
    const rows: Row[] = [];
    for (const clients of [1, 50]) {
      const outcomes: Record<Variant, LoadOutcome[]> = { ronda: [], 'bare Express': [], 'un-batched': [] };
      // Round -1 warms up.
      for (let round = -1; round < rounds; round += 1) {
        for (const variant of variants) {
          const outcome = await load(client, {
            url: urls[variant],
            apiKey: bootstrapKey,
            schedulers,
            clients,
            ms,
          });
          if (round >= 0) outcomes[variant].push(outcome);
        }
      }
      rows.push(...rowsOf(clients, outcomes));
    }
    return rows;
  } finally {
    client.disconnect();
    await Promise.all([batched.stop(), singly.stop(), bare.stop()]);
    backend.close();
  }
}

function rowsOf(clients: number, outcomes: Readonly<Record<Variant, readonly LoadOutcome[]>>): Row[] {
  return measures.map(({ key, unit }): Row => {
    const of = (variant: Variant): number[] => outcomes[variant].map((outcome) => outcome[key]);
    const shown = (variant: Variant): string =>
      `${variant} ${median(of(variant)).toFixed(key === 'perSecond' ? 0 : 2)}`;
    return {
      name: `ingress: PUT status, ${clients === 1 ? '1 client' : `${clients} clients`}, ${key === 'perSecond' ? 'rate' : key}`,
      value: median(of('ronda')),
      unit,
      ratios: {
        'bare Express': medianRatio(of('ronda'), of('bare Express')),
        'un-batched': medianRatio(of('ronda'), of('un-batched')),
      },
      note: `${shown('bare Express')}, ${shown('un-batched')}`,
    };
  });
}

/** @throws Error if the client ends instead of answering */
async function load(client: ChildProcess, job: LoadJob): Promise<LoadOutcome> {
  const settled = new AbortController();
  const { signal } = settled;
  client.send(job);
  try {
    const answer: unknown[] = await Promise.race([
      once(client, 'message', { signal }),
      once(client, 'exit', { signal }).then(() => Promise.reject(new Error('the load client ended'))),
    ]);
    return loadOutcome.parse(answer[0]);
  } finally {
    settled.abort();
  }
}

/** The alternative refused: a request to SQS for every message. */
function singlePublisher({ sqs, queues }: TestBackend): Publisher {
  return {
    send: async ({ body, attributes = {}, groupId }) => {
      await sqs.send.send(
        new SendMessageCommand({
          QueueUrl: queues.events.url,
          MessageBody: body,
          MessageAttributes: stringAttributes(attributes),
          ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
        }),
      );
    },
    close: () => Promise.resolve(),
  };
}

/** Reads a body and answers what an accepted status is answered, and that is all. */
async function startBare() {
  const { metadata, ...accepted } = statusBody('bench:bare', 0, 1);
  const answer = { ...accepted, metadata, updated_at: accepted.timestamp, event_id: crypto.randomUUID() };
  const app = express();
  app.put('/api/v1/schedulers/:id/status', express.json(), (_request, response) => {
    response.json(answer);
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
