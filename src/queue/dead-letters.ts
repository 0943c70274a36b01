import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import { RefusedMessageError } from '../errors.ts';
import { utc } from '../events/time.ts';
import { attribute } from './message.ts';
import { sizeOf, sizeOfAttribute, type Attributes, type Outgoing, type Publisher } from './publisher.ts';
import type { Delivery } from './delivery.ts';

const maxReasonBytes = 1_024;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxMessageBytes = 1_048_576;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const maxAttributes = 10;

/**
 * Puts a message that will never be an event aside, body untouched, with why, and with as many of its sender's
 * attributes as there is room for beside ours.
 * @returns false if body and reason together are too large for a message; then `maxReceiveCount` takes it
 * @throws DependencyError when the dead-letter queue did not take it
 */
export async function deadLetter(
  to: Publisher,
  clock: Clock,
  delivery: Delivery,
  reason: string,
): Promise<boolean> {
  const bare = {
    body: delivery.body,
    attributes: {
      [attribute.reason]: briefly(reason),
      [attribute.receivedAt]: utc(clock.now()),
      ...identityOf(delivery),
    },
  };
  if (sizeOf(bare) > maxMessageBytes) return false;
  const carried = carriedBeside(bare, delivery);
  // A queue may take less than a message may have: AWS's own took 256 KiB until 2025, and can be set to less.
  return (
    (await isTaken(to, { ...bare, carried })) ||
    (Object.keys(carried).length > 0 && (await isTaken(to, bare)))
  );
}

async function isTaken(to: Publisher, message: Outgoing): Promise<boolean> {
  try {
    await to.send(message);
    return true;
  } catch (error) {
    if (error instanceof RefusedMessageError) return false;
    throw error;
  }
}

/** What every copy of a message carries of the first one. */
function identityOf({ messageId, firstSentReal, correlationId }: Delivery): Record<string, string> {
  return {
    [attribute.messageId]: messageId,
    [attribute.sentAt]: utc(firstSentReal),
    ...(correlationId === undefined ? {} : { [attribute.correlationId]: correlationId }),
  };
}

/** The sender's own attributes, as many as a message may have beside ours, and as fit in. */
function carriedBeside(ours: Outgoing, { message }: Delivery): Attributes {
  const names = new Set([...Object.keys(ours.attributes ?? {}), attribute.reason, attribute.receivedAt]);
  let room = maxMessageBytes - sizeOf(ours);
  let left = maxAttributes - Object.keys(ours.attributes ?? {}).length;
  const carried: Record<string, MessageAttributeValue> = {};
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(
    message.MessageAttributes ?? {},
  )) {
    const value = { DataType, ...(BinaryValue === undefined ? { StringValue } : { BinaryValue }) };
    const size = sizeOfAttribute(name, value);
    if (names.has(name) || left === 0 || size > room) continue;
    carried[name] = value;
    left -= 1;
    room -= size;
  }
  return carried;
}

/**
 * A dead letter on its way back to the queue that it came from. It keeps the id and the time of the first of its
 * copies: so an event that was applied already is the same event again, and one without a time of its own gets
 * the time at which it was sent, and its sender's attributes. Why it was put aside stays behind.
 * @param body what it says now, if that was edited
 */
export function redrivenCopy(delivery: Delivery, body = delivery.body): Outgoing {
  const bare = {
    body,
    attributes: identityOf(delivery),
    groupId: delivery.message.Attributes?.MessageGroupId,
  };
  return { ...bare, carried: carriedBeside(bare, delivery) };
}

/** A reason is a line: printable ASCII, so that its bytes are its length and nothing in it can act. */
function briefly(reason: string): string {
  return reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, maxReasonBytes);
}
