import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { schedulerId } from '../../events/fields.ts';
import { moment } from '../moment.ts';

const given = z.object({
  ID: schedulerId.optional(),
  all: z.boolean().default(false),
  asOf: moment.optional(),
  json: z.boolean().default(false),
});
export type StateOptions = z.infer<typeof given>;

/** @throws UsageError that names every bad option at once */
export function readOptions(flags: Readonly<Record<string, unknown>>): StateOptions {
  const parsed = given.safeParse(flags);
  const problems = (parsed.error?.issues ?? []).map(({ path: [at], message }) => {
    const name = at === 'asOf' ? 'as-of' : String(at);
    return `${name === 'ID' ? name : `--${name}`}: ${message}`;
  });
  if ((flags['all'] === true) === (flags['ID'] !== undefined))
    problems.push('name one scheduler, or give --all');
  if (!parsed.success || problems.length > 0) throw new UsageError(problems.join('\n'));
  return parsed.data;
}
