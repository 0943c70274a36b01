import { createVerdictReader } from '../../src/board/read-verdicts.ts';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { retentionOf } from '../../projections/retention.ts';
import { createClock, type Clock } from '../../src/clock.ts';
import { startConsumer, type ConsumerRole } from '../../src/consumer/role.ts';
import type { IdConvention } from '../../src/events/id-convention.ts';
import { healthRoutes } from '../../src/health/routes.ts';
import { createApp } from '../../src/ingress/app.ts';
import { createAuthenticator } from '../../src/ingress/authentication.ts';
import { createDirectory } from '../../src/ingress/directory.ts';
import { createFailureLimiter } from '../../src/ingress/rate-limit/limiter.ts';
import { createMemoryStore } from '../../src/ingress/rate-limit/memory-store.ts';
import { createRecentIds } from '../../src/ingress/recent-ids.ts';
import type { BoardSpec } from '../../src/night/boards.ts';
import { silent, type Logger } from '../../src/log.ts';
import { provision } from '../../src/provision/provision.ts';
import { createSqsClient } from '../../src/queue/client.ts';
import { createPublisher, type Publisher } from '../../src/queue/publisher.ts';
import { openQueues, type QueueUrls } from '../../src/queue/topology.ts';
import { createDynamoDbClient, documentsOf } from '../../src/store/client.ts';
import type { RoleName } from '../../src/store/role-names.ts';
import type { Store } from '../../src/store/store.ts';
import { eod } from './boards.ts';
import { listening } from './listening.ts';

/** Tables and queues of a test file's own, on the engines that all test files share. */
export type TestBackend = {
  readonly prefix: string;
  readonly store: Store;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  readonly clock: Clock;
  readonly close: () => void;
};

export const bootstrapKey = 'test-bootstrap-key-0123456789';

export function testEndpoints(): { sqs: string; dynamodb: string } {
  const sqs = process.env['RONDA_TEST_SQS_ENDPOINT'];
  const dynamodb = process.env['RONDA_TEST_DYNAMODB_ENDPOINT'];
  if (sqs === undefined || dynamodb === undefined) throw new Error('the global set-up has not run');
  return { sqs, dynamodb };
}

/** An SQS that keeps its queues on disk, as that of an operator's machine does. */
export function keptSqs(): string {
  return process.env['RONDA_TEST_KEPT_SQS_ENDPOINT'] ?? testEndpoints().sqs;
}

/** Provisions everything under a random prefix. */
export async function createBackend({
  clock = createClock(),
  visibilitySeconds = 30,
  sqsEndpoint = testEndpoints().sqs,
  days = { HISTORY_RETENTION_DAYS: 30, EVENT_RETENTION_DAYS: 400, HEARTBEAT_RETENTION_DAYS: 7 },
} = {}): Promise<TestBackend> {
  const prefix = `t${randomBytes(6).toString('hex')}-`;
  const sqs = {
    send: createSqsClient('send', sqsEndpoint),
    receive: createSqsClient('receive', sqsEndpoint),
  };
  const dynamodb = createDynamoDbClient(testEndpoints().dynamodb);
  await provision({
    sqs: sqs.send,
    dynamodb,
    prefix,
    visibilitySeconds,
    mode: 'create',
    report: () => undefined,
  });
  return {
    prefix,
    store: { client: documentsOf(dynamodb), prefix, clock, retention: retentionOf(days) },
    sqs,
    queues: await openQueues(sqs.send, prefix),
    clock,
    close: () => {
      sqs.send.destroy();
      sqs.receive.destroy();
      dynamodb.destroy();
    },
  };
}

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
};

export type TestIngress = {
  readonly url: string;
  /** Calls `/api/v1` + path with the bootstrap key, unless headers say otherwise. A string body goes as it is. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  readonly stop: () => Promise<void>;
};

/** A real ingress on a port of its own, in this process. */
export async function startIngress(
  backend: TestBackend,
  options: {
    limit?: number;
    trustProxy?: string;
    log?: Logger;
    publisher?: Publisher;
    idConvention?: IdConvention;
    /** Whose health it tells. */
    roles?: readonly RoleName[];
    slackProblem?: () => string | null;
    boards?: readonly BoardSpec[];
  } = {},
): Promise<TestIngress> {
  const { store, sqs, queues, clock } = backend;
  const { limit = 0, trustProxy, log = silent, idConvention } = options;
  const publisher = options.publisher ?? createPublisher(sqs.send, queues.events.url);
  const app = createApp({
    api: {
      service: {
        store,
        boards: options.boards ?? [eod],
        verdicts: createVerdictReader(store, options.boards ?? [eod]),
        stale: { defaultTimeoutMs: 600_000 },
        publisher,
        directory: createDirectory(store, clock),
        recentIds: createRecentIds(),
        idConvention,
        clock,
      },
      authenticate: createAuthenticator(store, clock, bootstrapKey),
      failures: createFailureLimiter({ limit, clock }),
      rateStore: createMemoryStore({ limit, clock }),
    },
    health: healthRoutes({
      ...{ roles: options.roles ?? ['ingress'], store, sqs: sqs.send, queues, log },
      slackProblem: options.slackProblem ?? (() => null),
    }),
    trustProxy,
    clock,
    log,
  });
  const server = createServer(app);
  const url = `http://127.0.0.1:${await listening(server)}`;
  return {
    url,
    call: (method, path, body, headers = {}) => call(`${url}/api/v1${path}`, method, body, headers),
    stop: async () => {
      await publisher.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A real consumer in this process. */
export function startTestConsumer(
  backend: TestBackend,
  { pollers = 2, visibilitySeconds = 30, log = silent } = {},
): ConsumerRole {
  return startConsumer({
    ...backend,
    boards: [eod],
    pollers,
    visibilitySeconds,
    log,
  });
}

export async function call(
  url: string,
  method: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      'x-api-key': bootstrapKey,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
