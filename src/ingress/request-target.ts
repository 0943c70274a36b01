import type { IncomingMessage, RequestListener } from 'node:http';
import type { RequestHandler } from 'express';
import { HttpError } from './http-errors.ts';

/** `http://any.host/path?query`, as one sends it to a proxy; a server has to take it, too (RFC 9112, section 3.2.2). */
const absoluteForm = /^https?:\/\/[^/?#]*(?<rest>.*)$/is;

/** A request target as a path and query; undefined when it cannot be read. Pure. */
function originForm(target: string): string | undefined {
  if (target.startsWith('/') || target === '*') return target;
  const rest = URL.canParse(target) ? absoluteForm.exec(target)?.groups?.['rest'] : undefined;
  return rest === undefined || rest.startsWith('/') ? rest : `/${rest}`;
}

const unreadable = new WeakSet<IncomingMessage>();

/**
 * Gives an app its requests in origin form. Express fails at a target that it cannot parse before any of its handlers,
 * that of errors included, is asked: such a request comes as one of `/`, for `refuseUnreadable` to answer.
 */
export function withOriginForm(app: RequestListener): RequestListener {
  return (request, response) => {
    const { url = '/' } = request;
    const target = originForm(url);
    if (target === undefined) {
      unreadable.add(request);
      Object.assign(request, { originalUrl: url });
    }
    request.url = target ?? '/';
    app(request, response);
  };
}

/** What Node would answer by itself, with an empty body, if its server did not leave it to us (`serve`). */
export const refuseUnreadable: RequestHandler = (request, _response, next) => {
  if (unreadable.has(request)) throw new HttpError(400, 'The request target could not be read');
  const { host, expect } = request.headers;
  if (host === undefined && request.httpVersion === '1.1') throw new HttpError(400, 'Host: is required');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    throw new HttpError(417, 'Expect: only 100-continue is understood');
  next();
};
