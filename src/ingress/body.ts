import express, { type Request, type RequestHandler } from 'express';
import { InvalidInputError } from '../errors.ts';
import { issuesByField, readMembers, type BodySchema } from '../events/members.ts';
import { HttpError } from './http-errors.ts';

const json = ['application/json', 'application/*+json'];
const notUtf8 = new InvalidInputError([
  'body: must be in UTF-8, and is not (is it in ISO-8859-1 or Windows-1252?)',
]);
const notJson = new InvalidInputError(['body: must be valid JSON']);

/** Takes a JSON body as bytes; what it says is read from its text, since parsing to objects would lose some of it. */
export function jsonBody(limit: string): RequestHandler[] {
  return [
    (request, _response, next) => {
      const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(request.get('content-type') ?? '')?.[1] ?? 'utf-8';
      if (request.is(json) === false || !/^utf-?8$/i.test(charset)) {
        throw new HttpError(415, 'The content type must be application/json in UTF-8');
      }
      next();
    },
    express.raw({ type: json, limit }),
  ];
}

/** The text of a JSON body. @throws InvalidInputError when there is none or it is no UTF-8 */
export function bodyText(request: Request): string {
  const body: unknown = request.body;
  if (!(body instanceof Buffer)) throw new InvalidInputError(['body: is required']);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw notUtf8;
  }
}

/** The members of a JSON object in the body. @throws InvalidInputError when it is none */
export function bodyMembers(request: Request): Map<string, string> {
  const text = bodyText(request);
  const members = readMembers(text);
  if (members !== undefined) return members;
  throw isJson(text) ? new InvalidInputError(['body: must be a JSON object']) : notJson;
}

/**
 * What the members of a body say by a schema that takes no others; null counts as absent.
 * @throws InvalidInputError that names each bad field, and each that there is not
 */
export function readWhole<T>(members: ReadonlyMap<string, string>, schema: BodySchema<T>): T {
  const given = [...members].filter(([name, text]) => text !== 'null' || !(name in schema.shape));
  const parsed = schema.safeParse(
    Object.fromEntries(given.map(([name, text]): [string, unknown] => [name, JSON.parse(text)])),
  );
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(issuesByField(parsed.error));
}

/** @throws InvalidInputError when the body is no JSON array */
export function requireArray(text: string): void {
  if (!isJson(text)) throw notJson;
  if (!text.trimStart().startsWith('[')) throw new InvalidInputError(['body: must be a JSON array']);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
