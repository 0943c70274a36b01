import type { z } from 'zod';
import { splitObject } from './json-text.ts';

/** What reading a report found: the value, or one sentence per invalid field, each naming the field. */
export type Read<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: string[] };

const maxIssues = 20;

/** The members of a JSON object's text, a BOM before it passed over; undefined when the text is not JSON or no object. */
export function readMembers(marked: string): Map<string, string> | undefined {
  const text = marked.replace(/^\ufeff/, '');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? splitObject(text)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the members that a schema names and leaves the rest unread, so that ten thousand unknown keys cost
 * nothing. `null` counts as absent, but for fields that take it. `metadata` reaches the schema as its text.
 * @param known fields that are known already, whatever the members say
 */
export function readBody<T>(
  members: ReadonlyMap<string, string>,
  schema: BodySchema<T>,
  known: Readonly<Record<string, unknown>> = {},
): Read<T> {
  const input: Record<string, unknown> = { ...known };
  for (const [key, field] of Object.entries(schema.shape)) {
    const text = members.get(key);
    if (key in known || text === undefined || (text === 'null' && !field.safeParse(null).success)) continue;
    input[key] = key === 'metadata' ? text : JSON.parse(text);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, issues: issuesByField(parsed.error).slice(0, maxIssues) };
}

/** What is wrong, field by field: of several faults of one field the first. */
export function issuesByField(error: z.ZodError): string[] {
  const issues = new Map<string, string>();
  for (const issue of error.issues) {
    // A field that there is not is named as any other.
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      const name = [...issue.path, key].filter((part) => part !== undefined).join('.');
      if (!issues.has(name)) issues.set(name, `${name}: ${issue.message}`);
    }
  }
  return [...issues.values()];
}

export type BodySchema<T> = z.ZodType<T> & { readonly shape: Readonly<Record<string, z.ZodType>> };
