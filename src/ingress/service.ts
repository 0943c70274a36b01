import type { Request, Response } from 'express';
import type { BoardSource } from '../board/read-board.ts';
import type { Clock } from '../clock.ts';
import type { RecordedEvent, RondaEvent } from '../events/event.ts';
import type { IdConvention } from '../events/id-convention.ts';
import { writeObject, type JsonText } from '../events/json-text.ts';
import type { BoardSpec } from '../night/boards.ts';
import { attribute, writeMessage } from '../queue/message.ts';
import type { Publisher } from '../queue/publisher.ts';
import { contextOf, keyOf } from './context.ts';
import type { Directory } from './directory.ts';
import type { RecentIds } from './recent-ids.ts';

/** What the routes work with. */
export type IngressService = BoardSource & {
  readonly boards: readonly BoardSpec[];
  readonly publisher: Publisher;
  readonly directory: Directory;
  readonly recentIds: RecentIds;
  readonly clock: Clock;
  /** Newly registered schedulers keep to it. */
  readonly idConvention?: IdConvention | undefined;
};

/** An event as this request brings it. */
export function recordedBy(request: Request, event: RondaEvent, acceptedAt: string): RecordedEvent {
  return {
    event,
    envelope: {
      accepted_at: acceptedAt,
      correlation_id: contextOf(request).correlationId,
      sender: keyOf(request).name,
    },
  };
}

/**
 * Queues an event; once it resolves, the event is durable. The key's name is the message group: SQS fair
 * queues keep one noisy service from starving the others.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 * @throws DependencyError when the queue did not take it
 */
export async function enqueue(
  { publisher }: IngressService,
  request: Request,
  recorded: RecordedEvent,
): Promise<void> {
  const { correlationId, log } = contextOf(request);
  await publisher.send({
    body: writeMessage(recorded),
    attributes: { [attribute.correlationId]: correlationId },
    groupId: keyOf(request).name,
  });
  const { scheduler_id, event_id, type } = recorded.event;
  log.debug({ scheduler_id, event_id }, `${type} queued`);
}

/** Answers with a JSON object; values of type JsonText are written as they are. */
export function sendObject(
  response: Response,
  status: number,
  object: Readonly<Record<string, unknown>>,
): void {
  response.status(status).type('json').send(writeObject(object));
}

/** Answers 200 with JSON that is text already. */
export function sendJson(response: Response, { text }: JsonText): void {
  response.type('json').send(text);
}

/** Answers 200 with a JSON array of such objects. */
export function sendArray(response: Response, objects: readonly Readonly<Record<string, unknown>>[]): void {
  response.type('json').send(`[${objects.map(writeObject).join(',')}]`);
}
