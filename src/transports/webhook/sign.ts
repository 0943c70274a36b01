import { createHmac } from 'node:crypto';

/** What a receiver knows a delivery by, and what it checks. https://github.com/standard-webhooks/standard-webhooks */
export type SignedHeaders = {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
};

/**
 * The headers of a delivery, signed by the Standard Webhooks scheme: one signature for each secret, so that a receiver
 * that knows any of them can check it while they are being rotated. Pure.
 * @param id the same whenever the same transition is delivered again
 * @param at real time, ms UTC
 * @param secrets raw bytes, at least one
 */
export function signedHeaders(
  id: string,
  at: number,
  body: string,
  secrets: readonly Buffer[],
): SignedHeaders {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
