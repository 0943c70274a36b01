/**
 * Two kinds, never confused: trying a permanent failure again gives the same answer; a retryable one says
 * that something we depend on is away. Each edge (HTTP, queue, command line) maps them once.
 */
export abstract class RondaError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The input is wrong; one sentence per invalid field, each naming the field. */
export class InvalidInputError extends RondaError {
  readonly code = 'INVALID_INPUT';
  readonly issues: readonly string[];
  constructor(issues: readonly string[]) {
    super(issues.join('; '));
    this.issues = issues;
  }
}

/** An event with this scheduler, time and id is stored already, and says something else. */
export class EventConflictError extends RondaError {
  readonly code = 'EVENT_CONFLICT';
  constructor(schedulerId: string, eventKey: string) {
    super(`event ${eventKey} of ${schedulerId} is stored already with other content`);
  }
}

/** A row was written by a newer version of its projection: leave row and message to a newer replica. */
export class NewerRowError extends RondaError {
  readonly code = 'NEWER_ROW';
  constructor(schedulerId: string, version: number) {
    super(`the row of ${schedulerId} was written by projection version ${version}, newer than this program`);
  }
}

/** A message says that it needs a newer consumer: leave it in the queue to one. */
export class NewerMessageError extends RondaError {
  readonly code = 'NEWER_MESSAGE';
  constructor(needs: number) {
    super(`the message needs schema version ${needs}, newer than this program knows`);
  }
}

/** A compare-and-swap lost too often in a row; another try will do. */
export class ContendedRowError extends RondaError {
  readonly code = 'CONTENDED_ROW';
  constructor(schedulerId: string, attempts: number) {
    super(`the row of ${schedulerId} changed under each of ${attempts} attempts to write it`);
  }
}

/**
 * A stored event is of a type or version that this program does not know, or was damaged. Nothing true can be said
 * of its scheduler's stream: leave it to a newer replica, or to a person.
 */
export class UnreadableEventError extends RondaError {
  readonly code = 'UNREADABLE_EVENT';
  constructor(schedulerId: string, eventKey: string) {
    super(`event ${eventKey} of ${schedulerId} cannot be read: it is newer than this program, or damaged`);
  }
}

/** The user's settings or command line are wrong. Printed without a stack trace, exit code 2. */
export class UsageError extends RondaError {
  readonly code = 'USAGE';
}

/** Something we depend on did not do its work; `cause` says what it answered. */
export class DependencyError extends RondaError {
  readonly code = 'DEPENDENCY';
  readonly dependency: string;
  constructor(dependency: string, cause: unknown) {
    super(`${dependency}: ${cause instanceof Error ? cause.message || cause.name : String(cause)}`, {
      cause,
    });
    this.dependency = dependency;
  }
}

/** A queue will never take this very message: it is too large, or says what the queue does not carry. */
export class RefusedMessageError extends DependencyError {}

/** The system's code of an error, like `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What an error says, be it of our realm or not. */
export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error && error.message !== ''
    ? String(error.message)
    : String(error);
}

/** The name by which AWS's SDK and Node tell an error's kind; undefined for what is no error. */
export function errorName(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** What AWS answers when the request itself is at fault: asking again gets the same answer. */
const requestFaults = new Set([
  'ValidationException',
  'ItemCollectionSizeLimitExceededException',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'InvalidParameterValueException',
]);

/**
 * Whether an error is a dependency's (down, slow, throttling, misconfigured, refusing us) rather than ours.
 * AWS SDK errors carry `$metadata`, network errors a `code`:
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/error-handling.html
 */
export function isDependencyError(error: unknown): boolean {
  if (error instanceof DependencyError) return true;
  if (!(error instanceof Error) || requestFaults.has(error.name)) return false;
  if ('$metadata' in error) return true;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  if (error.name === 'CredentialsProviderError') return true;
  return 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(error.code);
}

/** Whether another try, perhaps by a newer replica, may succeed: a dependency's fault, or something of ours in its way. */
export function isRetryable(error: unknown): boolean {
  return (
    error instanceof NewerRowError ||
    error instanceof ContendedRowError ||
    error instanceof UnreadableEventError ||
    isDependencyError(error)
  );
}

/**
 * What AWS answers when a partition, an item or a caller is asked too much of at once: the request comes again
 * later, everybody else's goes on. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const faultsOfOneItem = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestLimitExceeded',
  'OverLimit',
  'TransactionConflictException',
  'TransactionInProgressException',
]);

/** What AWS answers with a 400 although it would refuse every other request too: who we are, or what is missing. */
const refusalsOfAll = new Set([
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAddress',
  'InvalidClientTokenId',
  'InvalidSecurity',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/**
 * Whether an error shows that a dependency as a whole is away: connections, time-outs, errors of its own (5xx),
 * credentials, a missing table or queue. A throttled key and a refused item are not: they are that item's alone.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof DependencyError) return isOutage(error.cause);
  if (!(error instanceof Error) || !isDependencyError(error) || faultsOfOneItem.has(error.name)) return false;
  if (refusalsOfAll.has(error.name) || error.name.startsWith('Kms')) return true;
  const status = httpStatusOf(error);
  return status === undefined || status >= 500 || status === 401 || status === 403;
}

/** Of an error that the AWS SDK made from an answer; undefined where there was none. Read by hand: `ronda run` loads this. */
function httpStatusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** Whether AWS refused this very request for what it says, so that it gets the same answer for ever. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || !('$metadata' in error)) return false;
  return !isOutage(error) && !faultsOfOneItem.has(error.name);
}
