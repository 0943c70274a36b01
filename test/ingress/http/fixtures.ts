import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { ReceiveMessageCommand, SendMessageCommand, type Message } from '@aws-sdk/client-sqs';
import { pino } from 'pino';
import { z } from 'zod';
import { createClock, type Clock } from '../../../src/clock.ts';
import type { RecordedEvent } from '../../../src/events/event.ts';
import type { Logger } from '../../../src/log.ts';
import { stringAttributes, type Outgoing, type Publisher } from '../../../src/queue/publisher.ts';
import { hashOf, keyIdOf, newPlainKey, putApiKey, type ApiKey } from '../../../src/store/keys/api-keys.ts';
import { readStream } from '../../../src/store/events/event-store.ts';
import {
  startIngress,
  startTestConsumer,
  type Answer,
  type TestBackend,
  type TestIngress,
} from '../../support/harness.ts';
import { until } from '../../support/until.ts';
import { atTheEnd, openBackend } from '../../support/open.ts';

/** What a test file runs against, taken down after its last test. */
export type World = {
  readonly backend: TestBackend;
  readonly ingress: TestIngress;
  readonly call: TestIngress['call'];
};

type IngressOptions = NonNullable<Parameters<typeof startIngress>[1]>;

/** Tables, queues and an ingress; with `consumer`, what it queues is applied. */
export async function openWorld(
  options: { consumer?: boolean; clock?: Clock; ingress?: IngressOptions; log?: Logger } = {},
): Promise<World> {
  const { consumer = false, clock, log } = options;
  const backend = await openBackend(clock === undefined ? {} : { clock });
  const ingress = await openIngress(backend, { ...options.ingress, ...(log === undefined ? {} : { log }) });
  if (consumer) openConsumer(backend, log);
  return { backend, ingress, call: ingress.call };
}

export async function openIngress(backend: TestBackend, options?: IngressOptions): Promise<TestIngress> {
  const ingress = await startIngress(backend, options);
  atTheEnd(ingress.stop);
  return ingress;
}

export function openConsumer(backend: TestBackend, log?: Logger) {
  const consumer = startTestConsumer(backend, log === undefined ? {} : { log });
  atTheEnd(consumer.stop);
  return consumer;
}

/** A clock that stands still until it is set. Its `real()` is the machine's. */
export function clockAt(time: string): Clock & { set: (time: string) => void } {
  const { real, monotonic } = createClock();
  let at = Date.parse(time);
  return {
    now: () => at,
    real,
    monotonic,
    // What was just sent was sent now; what is older, as long before it.
    fromReal: (instant) => (real() - instant < 600_000 ? at : at - (real() - instant)),
    isReal: false,
    set: (next) => {
      at = Date.parse(next);
    },
  };
}

/** An instant so many minutes from now, as the service writes it. */
export function minutesFromNow(minutes: number): string {
  return new Date(createClock().now() + minutes * 60_000).toISOString();
}

let made = 0;
/** A scheduler id that no other test uses. */
export function newId(): string {
  made += 1;
  return `job-${made}`;
}

export function registration(scheduler_id: string, fields: object = {}) {
  return { scheduler_id, service_name: 'billing', job_name: 'close-day', ...fields };
}

export function statusOf(scheduler_id: string, fields: object = {}) {
  return {
    scheduler_id,
    service_name: 'billing',
    job_name: 'close-day',
    status: 'completed',
    timestamp: minutesFromNow(-1),
    ...fields,
  };
}

/** Registers a new scheduler and gives its id. */
export async function newScheduler(call: World['call'], fields: object = {}): Promise<string> {
  const id = newId();
  const { status, text } = await call('POST', '/schedulers/register', registration(id, fields));
  if (status !== 201) throw new Error(`registering answered ${status} ${text}`);
  return id;
}

/** Sends a status and waits until it is applied. Needs a consumer. */
export async function apply(call: World['call'], id: string, fields: object): Promise<Answer> {
  const answer = await call('PUT', `/schedulers/${id}/status`, statusOf(id, fields), { Prefer: 'wait=10' });
  if (answer.status !== 200) throw new Error(`the status was not applied: ${answer.status} ${answer.text}`);
  return answer;
}

/** Stores an API key and gives its plain text. */
export async function newKey(backend: TestBackend, fields: Partial<ApiKey> = {}): Promise<string> {
  const plain = newPlainKey();
  await putApiKey(backend.store, {
    key_id: keyIdOf(plain) ?? '',
    name: 'a-key',
    hash: hashOf(plain),
    scopes: ['ingest', 'read', 'admin'],
    services: null,
    created_at: '2026-01-01T00:00:00.000Z',
    expires: null,
    revoked: null,
    ...fields,
  });
  return plain;
}

const object = z.record(z.string(), z.unknown());

export function objectOf(answer: Pick<Answer, 'json'>): Record<string, unknown> {
  return object.parse(answer.json);
}

export function arrayOf(answer: Pick<Answer, 'json'>): Record<string, unknown>[] {
  return z.array(object).parse(answer.json);
}

/** The URL path of a `Link: <...>; rel="next"`, behind `/api/v1`; undefined when there is no further page. */
export function nextOf({ headers }: Answer): string | undefined {
  const link = headers.get('link');
  return link === null ? undefined : /^<\/api\/v1(\/[^>]*)>; rel="next"$/.exec(link)?.[1];
}

export async function eventsOf({ store }: TestBackend, id: string): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of readStream(store, id)) events.push(event);
  return events;
}

/** Sends a body to the events queue, as services with AWS credentials do. */
export async function sendToQueue(
  { sqs, queues }: TestBackend,
  body: unknown,
  attributes: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sqs.send.send(
    new SendMessageCommand({
      QueueUrl: queues.events.url,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      MessageAttributes: stringAttributes(attributes),
    }),
  );
}

/** A publisher that keeps what it is given instead of sending it. */
export function recordingPublisher() {
  const sent: Outgoing[] = [];
  const publisher: Publisher = {
    send: (message) => {
      sent.push(message);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return { sent, publisher };
}

/** What lies in the events queue, or among its dead letters; it stays invisible for a while. */
export async function receive(
  { sqs, queues }: TestBackend,
  from: 'url' | 'deadLetterUrl' = 'url',
): Promise<Message[]> {
  const { Messages } = await sqs.receive.send(
    new ReceiveMessageCommand({
      QueueUrl: queues.events[from],
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages ?? [];
}

/** The dead letter that holds a text, waited for. */
export async function deadLetterWith(backend: TestBackend, text: string): Promise<Message> {
  return await until(`a dead letter holds ${text.slice(0, 60)}`, async () => {
    const messages = await receive(backend, 'deadLetterUrl');
    return messages.find(({ Body }) => Body?.includes(text));
  });
}

/** A log whose lines are kept, parsed, from level debug on. */
export function keptLog(): { log: Logger; lines: () => Record<string, unknown>[]; text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return {
    log: pino({ level: 'debug' }, stream),
    lines: () =>
      chunks
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => object.parse(JSON.parse(line))),
    text: () => chunks.join(''),
  };
}

/** The one shape of errors, with its timestamp of any value. */
export function errorOf(
  statusCode: keyof typeof errorNames,
  [method, path]: readonly [string, string],
  message: string | readonly string[],
) {
  const error = errorNames[statusCode];
  return { statusCode, timestamp: isoTime, path: `/api/v1${path}`, method, error, message };
}

const errorNames = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  429: 'ThrottlerException',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** What a scheduler says of itself where nothing was said of it. */
export const noValues = {
  execution_time_ms: null,
  error_message: null,
  metadata: {},
  owner_email: null,
  alert_user_id: null,
  heartbeat_timeout_minutes: null,
  expectation: null,
  acknowledged_by: null,
  snoozed_until: null,
};

/** Matches a time as it leaves the service. */
export const isoTime: unknown = {
  asymmetricMatch: (value: unknown) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  toString: () => 'isoTime',
};

export const uuid: unknown = {
  asymmetricMatch: (value: unknown) =>
    typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
  toString: () => 'uuid',
};

export function newUuid(): string {
  return randomUUID();
}
