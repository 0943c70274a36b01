import { backoffMs } from '../backoff.ts';

/** How long a message that could not be applied waits until it is received again. */
export const redeliveryBackoff = { firstMs: 1_000, maxMs: 300_000 };

/** Seconds until the next try: 1, doubling with every receive, at most 5 minutes. */
export function retryDelaySeconds(receiveCount: number): number {
  return backoffMs(redeliveryBackoff, receiveCount) / 1_000;
}
