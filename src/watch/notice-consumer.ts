import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { readAlert } from '../alerts/carry-over.ts';
import { show } from '../alerts/deliver.ts';
import { openAlert, refreshAlert } from '../alerts/open-alert.ts';
import { boardOfNight, transportsOn } from '../alerts/context.ts';
import { destinationsOf } from '../alerts/routes.ts';
import { DeliveryError } from '../alerts/transport.ts';
import { backoffMs } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { ContendedRowError, isDependencyError, isOutage } from '../errors.ts';
import type { Logger } from '../log.ts';
import { deadLetter } from '../queue/dead-letters.ts';
import { deliveryOf, type Delivery } from '../queue/delivery.ts';
import { createCircuitBreaker, type CircuitBreaker } from '../queue/circuit-breaker.ts';
import { startPoller } from '../queue/poller.ts';
import { createPublisher, type Publisher } from '../queue/publisher.ts';
import type { QueueUrls } from '../queue/topology.ts';
import { noticeKey, type NoticeKey } from '../store/alerts/alert-rows.ts';
import { readRow } from '../store/projections/scheduler-rows.ts';
import type { WatchContext } from './context.ts';

export type NoticesOptions = {
  readonly context: WatchContext;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  readonly visibilitySeconds: number;
};

const pollers = 2;

/** Receives notices and opens the alerts that they name. What Slack does not take waits in the queue. */
export function startNotices({ context, sqs, queues, visibilitySeconds }: NoticesOptions): {
  /** Receives nothing more and finishes what is in hand. */
  readonly stop: () => Promise<void>;
} {
  const { alerts, log } = context;
  const { url, deadLetterUrl } = queues.notices;
  const stopped = new AbortController();
  const probe = (): Promise<unknown> =>
    Promise.all([
      alerts.read({ night: 'probe', alert_key: 'probe' }),
      sqs.send.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] })),
    ]);
  const breaker = createCircuitBreaker(probe, log, stopped.signal);
  const batch = openBatches({
    context,
    breaker,
    sqs: sqs.send,
    url,
    deadLetters: createPublisher(sqs.send, deadLetterUrl),
  });
  const running = Array.from({ length: pollers }, () =>
    startPoller({
      sqs: sqs.receive,
      queueUrl: url,
      visibilitySeconds,
      breaker,
      log,
      handle: (messages) => handleNotices(batch, messages),
      foundEmpty: () => undefined,
    }),
  );
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(running.map((poller) => poller.stop()));
    },
  };
}

export type NoticeBatch = NoticeBatchOptions & {
  /** Whether a refusal is to be logged as an error now; once in five minutes (real). */
  readonly isNews: (advice: string) => boolean;
};

type NoticeBatchOptions = {
  readonly context: WatchContext;
  readonly breaker: CircuitBreaker;
  readonly sqs: SQSClient;
  readonly url: string;
  readonly deadLetters: Publisher;
};

/** What the batches of one process have in common. */
export function openBatches(options: NoticeBatchOptions): NoticeBatch {
  return { ...options, isNews: createNews(options.context.clock) };
}

/** Opens and delivers a batch. @returns the messages that are done and may be deleted */
export async function handleNotices(batch: NoticeBatch, messages: readonly Message[]): Promise<Message[]> {
  const { context, sqs, url } = batch;
  const deliveries = messages.map((message) => deliveryOf(message, context.clock));
  const waits = await Promise.all(deliveries.map((delivery) => handle(batch, delivery)));
  const later = deliveries.flatMap(({ message }, index) => {
    const seconds = waits[index] ?? null;
    return seconds === null
      ? []
      : [{ Id: String(index), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: seconds }];
  });
  if (later.length > 0) {
    try {
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: later }));
    } catch (error) {
      context.log.warn(
        { err: error },
        'redelivery not timed: the visibility time-out will bring the notices back',
      );
    }
  }
  return messages.filter((_, index) => waits[index] === null);
}

/** @returns null when it is done, else after how many seconds (real) it should come again */
async function handle(batch: NoticeBatch, delivery: Delivery): Promise<number | null> {
  const { context, breaker, deadLetters } = batch;
  const { clock, log } = context;
  const key = readNotice(delivery.body);
  const ids = { correlation_id: delivery.correlationId, message_id: delivery.messageId, ...key };
  try {
    if (key === undefined) {
      const reason = 'it is no notice: {night, message_key}';
      log.error({ ...ids, reason }, 'notice moved to the dead-letter queue');
      return (await deadLetter(deadLetters, clock, delivery, reason)) ? null : maxWaitSeconds;
    }
    const outcome = await handleNotice(context, key);
    if (outcome === 'done') log.debug(ids, 'notice handled');
    return outcome === 'done' ? null : busySeconds;
  } catch (error) {
    if (!(error instanceof DeliveryError) && isOutage(error)) breaker.open(error);
    report(batch, log, { ...ids, err: error, receive_count: delivery.receiveCount }, error);
    return waitSeconds(error, delivery.receiveCount);
  }
}

/**
 * Opens the alert that a notice names and delivers it by every transport that its routes name by now: those that
 * reconcile before the notice is done, the others beside it. Handling it again changes nothing.
 * @returns `again` when somebody else is at work on it, or it cannot be judged yet
 * @throws DeliveryError, or what the tables throw; nothing is lost then
 */
export async function handleNotice(context: WatchContext, notice: NoticeKey): Promise<'done' | 'again'> {
  const { store, pushes, clock, log } = context;
  const transports = transportsOn(context);
  const row = await readAlert(context, { night: notice.night, alert_key: notice.message_key });
  if (row === undefined) {
    log.error({ ...notice }, 'a notice names no alert: it is dropped');
    return 'done';
  }
  const opened = await openAlert(context, row);
  if (opened === 'again') return 'again';
  if (opened.state === 'suppressed') return 'done';
  // It may have waited out an outage.
  const state = opened === row ? (await readRow(store, opened.scheduler_id))?.state : undefined;
  const alert = opened === row ? await refreshAlert(context, opened, state) : opened;
  const board = boardOfNight(context, alert.night);
  const due = [...destinationsOf(board, alert, [], clock.now())].flatMap(
    (name) => transports.get(name) ?? [],
  );
  for (const transport of due) if (!transport.reconciles) pushes.start(alert, transport);
  const shown = await Promise.allSettled(
    due.filter(({ reconciles }) => reconciles).map((transport) => show(context, alert, transport)),
  );
  // One that is away holds up no other.
  for (const one of shown) if (one.status === 'rejected') throw one.reason;
  return shown.some((one) => one.status === 'fulfilled' && one.value === 'again') ? 'again' : 'done';
}

function report({ isNews }: NoticeBatch, log: Logger, ids: object, error: unknown): void {
  const advice = error instanceof DeliveryError ? error.advice : undefined;
  const why = advice === undefined ? '' : `slack refuses: ${advice}; `;
  const level = advice !== undefined ? refusedLevel(isNews(advice)) : isPassing(error) ? 'warn' : 'error';
  log[level](ids, `${why}alert not delivered yet: its notice stays queued`);
}

/** Whoever gets an error for every delivery of every alert finds nothing any more. */
function refusedLevel(isNews: boolean): 'error' | 'debug' {
  return isNews ? 'error' : 'debug';
}

/** Real ms. */
const complainEveryMs = 300_000;

function createNews(clock: Clock): NoticeBatch['isNews'] {
  const complained = new Map<string, number>();
  return (advice) => {
    const last = complained.get(advice);
    if (last !== undefined && clock.monotonic() - last < complainEveryMs) return false;
    complained.set(advice, clock.monotonic());
    return true;
  };
}

function isPassing(error: unknown): boolean {
  return error instanceof DeliveryError || error instanceof ContendedRowError || isDependencyError(error);
}

const busySeconds = 2;
const maxWaitSeconds = 60;
const waits = { firstMs: 1_000, maxMs: maxWaitSeconds * 1_000 };

/** Seconds until the next try: what the other side asks for, else 1, doubling with every receive, at most a minute. Pure. */
export function waitSeconds(error: unknown, receiveCount: number): number {
  const asked = error instanceof DeliveryError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return Math.min(Math.ceil(asked / 1_000), 43_200);
  return backoffMs(waits, receiveCount) / 1_000;
}

/**
 * Keys that a table can have: any other would be refused for ever.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const readable = noticeKey.refine(
  ({ night, message_key }) =>
    isWithin(Buffer.byteLength(night), 2_048) && isWithin(Buffer.byteLength(message_key), 1_024),
);

function isWithin(bytes: number, max: number): boolean {
  return bytes > 0 && bytes <= max;
}

function readNotice(body: string): NoticeKey | undefined {
  try {
    return readable.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
