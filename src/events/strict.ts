import { z } from 'zod';

/** An object of these fields and no others: what it is not made of is named, so that no typing error passes. */
export function strict<const S extends z.ZodRawShape>(fields: S) {
  const names = Object.keys(fields).join(', ');
  return z.strictObject(fields, {
    error: ({ code, input }) =>
      code === 'unrecognized_keys'
        ? `is no field of it, there are ${names}`
        : input === undefined
          ? 'is required'
          : 'must be a JSON object',
  });
}
