import { z } from 'zod';

/** What a Web API call brought in its form, in which everything is text and lists are JSON. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Arguments of a method, by its schema. Unknown ones are ignored, as Slack does. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
  .transform((value) => value === true || value === 'true' || value === '1')
  .optional();
export const count = z.coerce.number().pipe(z.int()).optional();
export const required = z.string().min(1);
export const optionalText = z.string().optional();

const malformed = Symbol('malformed');

/**
 * A list or object that a form carries as JSON text.
 * @returns `malformed` when the text is no JSON of that kind
 */
function embedded(kind: 'array' | 'object') {
  const parse = (value: unknown): unknown => {
    if (value === undefined || value === null || value === '') return undefined;
    const parsed = typeof value === 'string' ? jsonOf(value) : value;
    const isKind = kind === 'array' ? Array.isArray(parsed) : isObject(parsed);
    return isKind ? parsed : malformed;
  };
  return z.unknown().transform(parse).optional();
}
export const list = embedded('array');
export const object = embedded('object');

export function isMalformed(value: unknown): boolean {
  return value === malformed;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
