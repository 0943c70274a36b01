import { SQSClient } from '@aws-sdk/client-sqs';
import { embeddedAccount } from '../aws.ts';

/** Longer than the longest poll (20 s), or every empty receive would end in a time-out. */
const receiveTimeoutMs = 25_000;
const sendTimeoutMs = 5_000;

/**
 * A client for one use: receives hang for 20 s by design, sends must answer or fail within seconds.
 * `useQueueUrlAsEndpoint: false`: behind an emulator or a VPC endpoint, the host in a queue's URL need not resolve.
 */
export function createSqsClient(use: 'send' | 'receive', endpoint?: string): SQSClient {
  return new SQSClient({
    ...(endpoint === undefined ? {} : { endpoint, ...embeddedAccount }),
    useQueueUrlAsEndpoint: false,
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: use === 'send' ? sendTimeoutMs : receiveTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
}
