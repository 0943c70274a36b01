import { createHash, randomUUID } from 'node:crypto';
import { DeliveryError, type Notification, type Transport } from '../../alerts/transport.ts';
import type { Clock } from '../../clock.ts';
import { reasonOf } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { payloadOf, testPayload, type WebhookPayload } from './payload.ts';
import { post, type Answer } from './post.ts';
import { signedHeaders } from './sign.ts';

export type WebhookSettings = {
  /** As routes name it, after `webhook:`. */
  readonly name: string;
  readonly url: URL;
  /** Raw bytes; a second one while they are rotated. */
  readonly secrets: readonly Buffer[];
  /** Whether its host may be at a loopback or private address. */
  readonly isAllowed: boolean;
};

/** The receiver did not take a delivery. */
export class WebhookError extends DeliveryError {
  readonly code = 'WEBHOOK_NOT_TAKEN';
  readonly status: number | undefined;
  override readonly retryAfterMs: number | undefined;
  constructor(reason: string, answer?: Answer, options?: ErrorOptions) {
    super(reason, options);
    this.status = answer?.status;
    this.retryAfterMs = answer?.retryAfterMs;
  }
  /** 410 Gone says that nobody is there any more. https://www.rfc-editor.org/rfc/rfc9110#name-410-gone */
  override get isFinal(): boolean {
    return this.status === 410;
  }
}

/** A receiver of one's own: each transition of an alert is one POST of JSON, signed. */
export function createWebhook(settings: WebhookSettings, clock: Clock): Transport {
  const { name, url, secrets, isAllowed } = settings;
  const transport = `webhook:${name}`;
  const send = async (id: string, payload: WebhookPayload): Promise<Answer> => {
    const body = JSON.stringify(payload);
    const headers = signedHeaders(id, clock.real(), body, secrets);
    let answer: Answer;
    try {
      answer = await post(url, { ...headers }, body, isAllowed);
    } catch (error) {
      throw new WebhookError(reasonOf(error), undefined, {
        cause: error,
      });
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new WebhookError(`HTTP ${answer.status}`, answer);
  };
  return {
    name: transport,
    reconciles: false,
    address: createHash('sha256').update(url.href).digest('hex').slice(0, 16),
    deliver: async (notification) => {
      await send(deliveryId(transport, notification), payloadOf(notification));
      return 'delivered';
    },
    test: async () => {
      const { status, text } = await send(`msg_${randomUUID()}`, testPayload(clock.now()));
      return `HTTP ${status}${text.trim() === '' ? '' : `: ${printable(text.trim())}`}`;
    },
  };
}

/** The same however often and by whomever a transition is delivered: by it a receiver knows what it has already. */
function deliveryId(transport: string, { alert, number }: Notification): string {
  const { night, alert_key } = alert.key;
  const name = JSON.stringify([transport, night, alert_key, number]);
  return `msg_${createHash('sha256').update(name).digest('base64url').slice(0, 27)}`;
}
