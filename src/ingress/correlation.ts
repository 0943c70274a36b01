import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { setContext } from './context.ts';

export const correlationHeader = 'x-correlation-id';
const acceptable = /^[\x21-\x7e]{1,128}$/;

/** Gives every request a correlation id, the caller's if it brings a usable one, and a log that carries it. */
export function correlate(log: Logger, clock: Clock): RequestHandler {
  return (request, response, next) => {
    const given = [request.get(correlationHeader), request.get('x-request-id')];
    const correlationId = given.find((id) => id !== undefined && acceptable.test(id)) ?? randomUUID();
    const requestLog = log.child({ correlation_id: correlationId });
    setContext(request, { correlationId, log: requestLog });
    response.setHeader(correlationHeader, correlationId);
    const start = clock.monotonic();
    response.on('finish', () => {
      const { method, path } = request;
      requestLog.debug(
        { method, path, status: response.statusCode, ms: Math.round(clock.monotonic() - start) },
        'request',
      );
    });
    next();
  };
}
