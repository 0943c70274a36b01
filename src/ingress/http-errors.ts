import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler, Request } from 'express';
import { type Clock } from '../clock.ts';
import { InvalidInputError, isRetryable, RondaError, UnreadableEventError } from '../errors.ts';
import { utc } from '../events/time.ts';
import { contextOf } from './context.ts';
import { TooManyRequestsError } from './rate-limit/too-many-requests.ts';

/** An answer that is an error: its status, what to say, and headers that go with it. */
export class HttpError extends RondaError {
  readonly code = 'HTTP';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The 404 for a scheduler that is not there, or no longer. */
export function notFound(schedulerId: string): HttpError {
  return new HttpError(404, `Scheduler ${schedulerId} not found`);
}

type Answer = {
  readonly status: number;
  readonly error: string;
  readonly message: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

const retryAfter = { 'Retry-After': '5' } as const;

/** The one place where an error becomes an answer: one shape, never a stack trace, never an internal name. */
export function answerErrors(clock: Clock): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status, error: name, message, headers = {} } = answerOf(error);
    const { log } = contextOf(request);
    if (status === 503) log.warn({ err: error }, 'request refused: a dependency is away');
    else if (status >= 500) log.error({ err: error }, 'request failed');
    response
      .status(status)
      .set(headers)
      .json(errorBody(request, clock, status, name, message));
  };
}

/** The body of every answer that is an error, as docs/http.md has it. */
export function errorBody(
  request: Pick<Request, 'originalUrl' | 'method'>,
  clock: Clock,
  statusCode: number,
  error: string,
  message: string | readonly string[],
) {
  return {
    statusCode,
    timestamp: utc(clock.now()),
    path: request.originalUrl,
    method: request.method,
    error,
    message,
  };
}

function answerOf(error: unknown): Answer {
  if (error instanceof HttpError) {
    return {
      status: error.status,
      error: reasonPhrase(error.status),
      message: error.message,
      headers: error.headers,
    };
  }
  if (error instanceof InvalidInputError) {
    return { status: 400, error: reasonPhrase(400), message: error.issues };
  }
  if (error instanceof TooManyRequestsError) {
    return {
      status: 429,
      error: 'ThrottlerException',
      message: 'Too Many Requests',
      headers: { 'Retry-After': String(error.retryAfterSeconds) },
    };
  }
  const parsed = parserAnswer(error);
  if (parsed !== undefined) return parsed;
  if (isRetryable(error)) {
    return {
      status: 503,
      error: reasonPhrase(503),
      message:
        error instanceof UnreadableEventError
          ? 'An event of this scheduler cannot be read by this version of Ronda, or is damaged'
          : 'A dependency is not available, please try again',
      headers: retryAfter,
    };
  }
  return { status: 500, error: reasonPhrase(500), message: 'Something went wrong on our side' };
}

/** What Express and its body parser throw carries a `status` of its own: https://www.npmjs.com/package/http-errors */
function parserAnswer(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  const { status } = error;
  switch (status) {
    case 400:
      return { status, error: reasonPhrase(status), message: 'The request could not be read' };
    case 413:
      return { status, error: reasonPhrase(status), message: 'The body is too large' };
    case 415:
      return {
        status,
        error: reasonPhrase(status),
        message: 'The body is in an encoding that is not supported',
      };
    default:
      return undefined;
  }
}

/** The name of an HTTP status, like `Not Found`. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}
