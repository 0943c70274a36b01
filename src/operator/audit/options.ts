import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { moment } from '../moment.ts';

const given = z.object({
  from: moment.optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
    .transform(Number)
    .default(100),
  json: z.boolean().default(false),
});
export type AuditOptions = z.infer<typeof given>;

/** @throws UsageError that names every bad option at once */
export function readOptions(flags: Readonly<Record<string, unknown>>): AuditOptions {
  const parsed = given.safeParse(flags);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: [at], message }) => `--${String(at)}: ${message}`);
  throw new UsageError(problems.join('\n'));
}
