import { RondaError } from '../../errors.ts';

/** The caller is over its limit; the same request will do after `retryAfterSeconds` of real time. */
export class TooManyRequestsError extends RondaError {
  readonly code = 'TOO_MANY_REQUESTS';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super('Too Many Requests');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
