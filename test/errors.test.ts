import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import {
  ContendedRowError,
  DependencyError,
  isDependencyError,
  isOutage,
  NewerRowError,
} from '../src/errors.ts';

function awsError(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

test.each([
  ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ['a name that does not resolve', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })],
  ['a broken connection, as the SDK gives it back', Object.assign(awsError('Error'), { code: 'ECONNRESET' })],
  ['a time-out', awsError('TimeoutError')],
  ['an internal error', awsError('InternalServerError', 500)],
  ['a service that is unavailable', awsError('ServiceUnavailable', 503)],
  ['missing credentials', Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' })],
  ['an expired token', awsError('ExpiredTokenException', 400)],
  ['a wrong signature', awsError('InvalidSignatureException', 400)],
  ['an unknown caller', awsError('UnrecognizedClientException', 400)],
  ['a refused caller', awsError('AccessDeniedException', 400)],
  ['any 403', awsError('SomethingNew', 403)],
  ['a missing table', awsError('ResourceNotFoundException', 400)],
  ['a missing queue', awsError('QueueDoesNotExist', 400)],
  ['a key that KMS does not give', awsError('KmsDisabled', 400)],
])('%s shows that a dependency as a whole is away, wrapped or not', (_, error) => {
  expect(isOutage(error)).toBe(true);
  expect(isOutage(new DependencyError('queue', error))).toBe(true);
});

test.each([
  ['a throttled key', awsError('ProvisionedThroughputExceededException', 400)],
  ['a throttled request', awsError('ThrottlingException', 400)],
  ['a throttled send', awsError('RequestThrottled', 403)],
  ['a limit of requests', awsError('RequestLimitExceeded', 400)],
  ['an item in another transaction', awsError('TransactionConflictException', 400)],
  ['a batch that is too large', awsError('BatchRequestTooLong', 400)],
  ['an entry that the queue refused', 'InternalError'],
])('%s is the fault of one item: a dependency, but no outage', (_, error) => {
  expect(isDependencyError(new DependencyError('queue', error))).toBe(true);
  expect(isOutage(error)).toBe(false);
  expect(isOutage(new DependencyError('queue', error))).toBe(false);
});

test.each([
  [
    'a condition that did not hold',
    new ConditionalCheckFailedException({ message: '', $metadata: { httpStatusCode: 400 } }),
  ],
  ['a request that is at fault', awsError('ValidationException', 400)],
  ['a row of a newer version', new NewerRowError('payroll', 9)],
  ['a contended row', new ContendedRowError('payroll', 12)],
  ['an error of ours', new TypeError('cells is not iterable')],
  ['no error at all', undefined],
])('%s is no outage', (_, error) => {
  expect(isOutage(error)).toBe(false);
});
