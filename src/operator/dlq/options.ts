import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { DeadLetter } from './dead-letter.ts';

const queue = z.enum(['events', 'notices'], { error: 'must be events or notices' }).default('events');
const limit = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, 'must be a whole number from 1')
  .transform(Number);
const flag = z.boolean().default(false);

/** A text that body or reason contains, or a `/regular expression/` that one of them matches. */
type Filter = { readonly text: string; readonly matches: (deadLetter: DeadLetter) => boolean };
const filter = z.string().transform((text, context): Filter => {
  const [, source, flags = ''] = /^\/(.+)\/([imsu]*)$/s.exec(text) ?? [];
  try {
    const expression = source === undefined ? undefined : new RegExp(source, flags);
    const finds = (part: string): boolean => expression?.test(part) ?? part.includes(text);
    return {
      text,
      matches: ({ delivery, reason }) => finds(delivery.body) || (reason !== null && finds(reason)),
    };
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : 'is no regular expression');
    return z.NEVER;
  }
});

const choice = { filter: filter.optional(), id: z.array(z.string().min(1)).optional() };
const listGiven = z.object({ QUEUE: queue, limit: limit.default(100), full: flag, json: flag });
const redriveGiven = z.object({
  QUEUE: queue,
  ...choice,
  limit: limit.default(Infinity),
  edit: flag,
  dryRun: flag,
  json: flag,
});
const discardGiven = z.object({ QUEUE: queue, ...choice, yes: flag, json: flag });

export type ListOptions = z.infer<typeof listGiven>;
export type RedriveChoice = z.infer<typeof redriveGiven>;
export type DiscardChoice = z.infer<typeof discardGiven>;

type Given = Readonly<Record<string, unknown>>;

/** @throws UsageError that names every bad option at once */
export function readListOptions(QUEUE: string | undefined, given: Given): ListOptions {
  return read(listGiven, { ...given, QUEUE });
}

/** @throws UsageError that names every bad option at once */
export function readRedriveOptions(QUEUE: string | undefined, given: Given): RedriveChoice {
  const problems =
    given['edit'] === true && given['dryRun'] === true ? ['--edit, --dry-run: only one of them'] : [];
  return read(redriveGiven, { ...given, QUEUE }, problems);
}

/** @throws UsageError that names every bad option at once */
export function readDiscardOptions(QUEUE: string | undefined, given: Given): DiscardChoice {
  return read(discardGiven, { ...given, QUEUE });
}

function read<T>(schema: z.ZodType<T>, given: Given, problems: readonly string[] = []): T {
  const parsed = schema.safeParse(given);
  const all = [
    ...(parsed.error?.issues ?? []).map(({ path: [at], message }) => {
      const name = String(at);
      return `${name === 'QUEUE' ? name : `--${name}`}: ${printable(message)}`;
    }),
    ...problems,
  ];
  if (!parsed.success || all.length > 0) throw new UsageError(all.join('\n'));
  return parsed.data;
}

/** What was asked for, for the audit. */
export function choiceOf({ QUEUE, filter, id }: Pick<RedriveChoice, 'QUEUE' | 'filter' | 'id'>) {
  return {
    queue: QUEUE,
    ...(filter === undefined ? {} : { filter: filter.text }),
    ...(id === undefined ? {} : { ids: id }),
  };
}

/** Whether a dead letter is among those that were asked for, by `--id` and `--filter`: both, if both are given. */
export function matcherOf({
  filter,
  id,
}: Pick<RedriveChoice, 'filter' | 'id'>): (deadLetter: DeadLetter) => boolean {
  const ids = id === undefined ? undefined : new Set(id);
  return (deadLetter) =>
    (ids === undefined || ids.has(deadLetter.id) || ids.has(deadLetter.copyId)) &&
    (filter?.matches(deadLetter) ?? true);
}
