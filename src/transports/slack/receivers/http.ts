import { ErrorCode, HTTPReceiver } from '@slack/bolt';
import express, { type ErrorRequestHandler, type RequestHandler, type Response } from 'express';
import type { Clock } from '../../../clock.ts';
import type { Logger } from '../../../log.ts';
import { boltLog } from './bolt-log.ts';

export type HttpReceiverOptions = {
  readonly signingSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Of what Slack sends, nothing is near this. */
const maxBody = '1mb';
const maxAheadMs = 300_000;

/**
 * Slack over HTTP: a handler for `POST /slack/events`, wherever it is mounted. Bolt checks the signature and
 * refuses old requests; before it stands what it leaves out, namely that a request may not be more than 300 s
 * ahead either, and that a body has to be an object (anything else makes it fail where nobody catches it).
 * https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function createHttpReceiver({ signingSecret, clock, log }: HttpReceiverOptions): {
  readonly receiver: HTTPReceiver;
  readonly handler: RequestHandler;
} {
  const logger = boltLog(log);
  const receiver = new HTTPReceiver({ signingSecret, logger, endpoints: ['/slack/events', '/'] });
  const refuse = (response: Response, status: number, why: string): void => {
    log.warn({ status }, `a request to Slack's address was refused: ${why}`);
    response.status(status).end();
  };
  const refuseEarly: RequestHandler = (request, response, next) => {
    const seconds = Number(request.get('x-slack-request-timestamp') ?? 0);
    if (seconds * 1_000 <= clock.real() + maxAheadMs || Number.isNaN(seconds)) next();
    else refuse(response, 401, 'its timestamp lies more than 300 s ahead');
  };
  const passToBolt: RequestHandler = (request, response) => {
    const body: unknown = request.body;
    const rawBody = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
    if (!holdsObject(request.get('content-type'), rawBody.toString())) {
      refuse(response, 400, 'it holds nothing that Slack sends');
      return;
    }
    Object.assign(request, { rawBody });
    receiver.requestListener(request, response);
  };
  const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) next(error);
    else refuse(response, statusOf(error), error instanceof Error ? error.name : 'it cannot be read');
  };

  const handler = express.Router();
  handler.use(refuseEarly, express.raw({ type: () => true, limit: maxBody, inflate: false }));
  handler.use(passToBolt, answerErrors);
  return { receiver, handler };
}

/** Whether Bolt will read an object out of the body: a form, a form's `payload`, or JSON. */
function holdsObject(type: string | undefined, body: string): boolean {
  const isForm = type === 'application/x-www-form-urlencoded';
  const json = isForm ? new URLSearchParams(body).get('payload') : body;
  if (json === null) return true;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 400;
  // What Bolt does not route, such as a GET, is nothing of Slack's.
  if ('code' in error && error.code === ErrorCode.HTTPReceiverDeferredRequestError) return 404;
  return 'status' in error && typeof error.status === 'number' ? error.status : 400;
}
