import { webApi } from '@slack/bolt';
import { reasonOf } from '../../errors.ts';
import { DeliveryError } from '../../alerts/transport.ts';

/** Something that went wrong with a call of Slack's Web API. No token is ever in message, fields or cause. */
export abstract class SlackCallError extends DeliveryError {
  readonly method: string;
  constructor(method: string, reason: string, options?: ErrorOptions) {
    super(`${method}: ${withoutTokens(reason)}`, options);
    this.method = method;
  }
}

/** Slack, or our own pacing, asks us to wait. Nothing was done. Retryable. */
export class RateLimitedError extends SlackCallError {
  readonly code = 'SLACK_RATE_LIMITED';
  override readonly retryAfterMs: number;
  constructor(method: string, retryAfterMs: number) {
    super(method, `rate-limited for ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No clear answer came: what was asked may or may not have been done. Retryable, after a look. */
export class AmbiguousError extends SlackCallError {
  readonly code = 'SLACK_AMBIGUOUS';
}

/** The call surely did not reach Slack. Retryable. */
export class UnsentError extends SlackCallError {
  readonly code = 'SLACK_UNSENT';
}

/** What a refusal is about: that decides who can do something about it. */
export type RefusalKind = 'message' | 'edit' | 'channel' | 'auth' | 'blocks' | 'other';

/** Slack said no; the same call gets the same answer. Permanent until a person changes something. */
export class RefusedError extends SlackCallError {
  readonly code = 'SLACK_REFUSED';
  /** Slack's own word, like `channel_not_found`. */
  readonly error: string;
  readonly kind: RefusalKind;
  constructor(method: string, error: string, details: readonly string[] = []) {
    super(method, [error, ...details].join('; '));
    this.error = error;
    this.kind = kinds[error] ?? 'other';
  }
  override get advice(): string {
    const { kind, error } = this;
    if (kind === 'auth') return `${error}: check SLACK_BOT_TOKEN and the app’s scopes`;
    if (kind === 'channel') return `${error}: check SLACK_CHANNEL, and invite the app into the channel`;
    return error;
  }
}

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors and those of the other methods. */
const kinds: Readonly<Record<string, RefusalKind>> = {
  message_not_found: 'message',
  thread_not_found: 'message',
  edit_window_closed: 'edit',
  cant_update_message: 'edit',
  is_inactive: 'edit',
  channel_not_found: 'channel',
  is_archived: 'channel',
  not_in_channel: 'channel',
  invalid_auth: 'auth',
  not_authed: 'auth',
  token_revoked: 'auth',
  token_expired: 'auth',
  account_inactive: 'auth',
  missing_scope: 'auth',
  no_permission: 'auth',
  invalid_blocks: 'blocks',
  msg_blocks_too_long: 'blocks',
};

/** Slack failed on its own side: it may have done the work before it failed. */
const ambiguousAnswers = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);
const rateLimitAnswers = new Set(['ratelimited', 'rate_limited']);

/** System errors that end a connection before a byte of the request left. */
const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const shortestWaitMs = 1_000;

/** The one mapping of what @slack/web-api 8 (with retries off) throws. In doubt a call is ambiguous. */
export function classify(method: string, error: unknown): SlackCallError {
  if (error instanceof SlackCallError) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) return limited(method, error.retryAfter);
  if (error instanceof webApi.WebAPIPlatformError) return platform(method, error);
  if (error instanceof webApi.WebAPIHTTPError) {
    const { statusCode } = error;
    const final = statusCode >= 400 && statusCode < 500 && statusCode !== 408;
    return final
      ? new RefusedError(method, `http_${statusCode}`)
      : new AmbiguousError(method, `HTTP ${statusCode}`);
  }
  const failure = networkFailure(error);
  if (failure === undefined) return new AmbiguousError(method, reasonOf(error));
  const { code, syscall } = failure;
  const reason = `${code} ${failure.message}`.trim();
  // A host can also become unreachable in mid-conversation; only while connecting has nothing been sent.
  return unsentCodes.has(code) || syscall === 'connect' || syscall === 'getaddrinfo'
    ? new UnsentError(method, reason, { cause: failure })
    : new AmbiguousError(method, reason, { cause: failure });
}

function platform(method: string, { data }: webApi.WebAPIPlatformError): SlackCallError {
  const { error } = data;
  // An answer that is no JSON reaches us as the "error" of a refusal that nobody uttered.
  if (typeof error !== 'string' || !/^[a-z][a-z0-9_]*$/.test(error)) {
    return new AmbiguousError(method, 'the answer could not be read');
  }
  if (ambiguousAnswers.has(error)) return new AmbiguousError(method, error);
  if (rateLimitAnswers.has(error)) return limited(method, data.response_metadata?.retryAfter ?? 0);
  return new RefusedError(method, error, data.response_metadata?.messages ?? []);
}

function limited(method: string, seconds: number): RateLimitedError {
  return new RateLimitedError(method, Math.max(seconds * 1_000, shortestWaitMs));
}

type NetworkFailure = { readonly code: string; readonly message: string; readonly syscall?: unknown };

/**
 * The error in the chain of causes that the operating system or the HTTP client named. Judged by its shape: in
 * another realm (Jest's, a worker's) `fetch` throws errors that are no instances of ours.
 */
function networkFailure(error: unknown): NetworkFailure | undefined {
  let inner = error;
  for (let depth = 0; depth < 5 && typeof inner === 'object' && inner !== null; depth += 1) {
    if (isNetworkFailure(inner)) return inner;
    inner = 'cause' in inner ? inner.cause : undefined;
  }
  return undefined;
}

function isNetworkFailure(error: object): error is NetworkFailure {
  return (
    'code' in error &&
    typeof error.code === 'string' &&
    /^(E(?!RR_)[A-Z_]+|UND_ERR_\w+)$/.test(error.code) &&
    'message' in error &&
    typeof error.message === 'string'
  );
}

/** fetch quotes a header that it cannot send, and the header is the token. */
function withoutTokens(text: string): string {
  return text.replace(/\bBearer\b[^"]*|\bx(?:ox[a-z]|app)-[\w-]+/g, '[token]');
}
