import type { Clock } from '../clock.ts';
import { RefusedMessageError } from '../errors.ts';
import { utc } from '../events/time.ts';
import { attribute } from './message.ts';
import type { Outgoing, Publisher } from './publisher.ts';
import type { Delivery } from './delivery.ts';

const maxReasonBytes = 1_024;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxMessageBytes = 1_048_576;
/** Room for the attributes, but for a message id that its sender chose. */
const attributeBytes = 2_048;

/**
 * Puts a message that will never be an event aside, body untouched, with why.
 * @returns false if body and reason together are too large for a message; then `maxReceiveCount` takes it
 * @throws DependencyError when the dead-letter queue did not take it
 */
export async function deadLetter(
  to: Publisher,
  clock: Clock,
  delivery: Delivery,
  reason: string,
): Promise<boolean> {
  const { body, messageId } = delivery;
  if (Buffer.byteLength(body) + Buffer.byteLength(messageId) > maxMessageBytes - attributeBytes) return false;
  try {
    await to.send({
      body,
      attributes: {
        [attribute.reason]: briefly(reason),
        [attribute.receivedAt]: utc(clock.now()),
        [attribute.messageId]: messageId,
        [attribute.sentAt]: utc(delivery.firstSentReal),
        ...(delivery.correlationId === undefined
          ? {}
          : { [attribute.correlationId]: delivery.correlationId }),
      },
    });
    return true;
  } catch (error) {
    // A queue may take less than a message may have: AWS's own took 256 KiB until 2025, and can be set to less.
    if (error instanceof RefusedMessageError) return false;
    throw error;
  }
}

/**
 * A dead letter on its way back to the queue that it came from. It keeps the id and the time of the first of its
 * copies: so an event that was applied already is the same event again, and one without a time of its own gets
 * the time at which it was sent. Why it was put aside stays behind.
 * @param body what it says now, if that was mended
 */
export function revived(delivery: Delivery, body = delivery.body): Outgoing {
  return {
    body,
    attributes: {
      [attribute.messageId]: delivery.messageId,
      [attribute.sentAt]: utc(delivery.firstSentReal),
      ...(delivery.correlationId === undefined ? {} : { [attribute.correlationId]: delivery.correlationId }),
    },
    groupId: delivery.message.Attributes?.MessageGroupId,
  };
}

/** A reason is a line: printable ASCII, so that its bytes are its length and nothing in it can act. */
function briefly(reason: string): string {
  return reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, maxReasonBytes);
}
