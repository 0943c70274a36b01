import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { schedulerId } from '../../events/fields.ts';
import { reportTypes } from '../../events/report-types.ts';
import { moment } from '../moment.ts';

const given = z.object({
  ID: schedulerId,
  from: moment.optional(),
  to: moment.optional(),
  type: z.array(z.enum(reportTypes, { error: `must be one of ${reportTypes.join(', ')}` })).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
    .transform(Number)
    .optional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});
export type EventsOptions = z.infer<typeof given>;

/** @throws UsageError that names every bad option at once */
export function readOptions(flags: Readonly<Record<string, unknown>>): EventsOptions {
  const parsed = given.safeParse(flags);
  const problems = (parsed.error?.issues ?? []).map(({ path: [at], message }) => {
    const name = String(at);
    return `${name === 'ID' ? name : `--${name}`}: ${message}`;
  });
  if (flags['all'] === true && flags['limit'] !== undefined)
    problems.push('--all, --limit: only one of them');
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join('\n'));
  return parsed.data;
}
