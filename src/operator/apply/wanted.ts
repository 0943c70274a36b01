import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { reasonOf, UsageError } from '../../errors.ts';
import { eventTypes } from '../../events/event.ts';
import { readExpectation, ruleName } from '../../events/expectation.ts';
import { calendar, type Calendar } from '../../events/rules.ts';
import { strict } from '../../events/strict.ts';
import { circleThrough } from '../../night/circles.ts';
import { issuesIn, parseFile, type ParsedFile } from './document.ts';

/** What files say that there should be. */

const registration = strict(
  eventTypes.register.body.omit({ type: true, timestamp: true, event_id: true }).shape,
);
/** What a file says of a scheduler: what it leaves out stays as it is, and null clears it. */
export type WantedScheduler = z.infer<typeof registration>;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const nameIssue = 'must have a name of 1 to 64 of A-Z a-z 0-9 . _ -, not . or ..';

const configuration = strict({
  schedulers: z.array(registration, { error: 'must be a list of registrations' }).nullish(),
  calendars: z
    .unknown()
    // A record passes it over without a word.
    .refine((named) => !(isObject(named) && Object.hasOwn(named, '__proto__')), {
      path: ['__proto__'],
      error: 'must have another name',
    })
    .pipe(
      z
        .record(ruleName, calendar, {
          error: ({ code }) => (code === 'invalid_key' ? nameIssue : 'must be calendars by their names'),
        })
        .nullish(),
    )
    .optional(),
});

/** Something of a file, and where it stands there. */
type Placed<T> = { readonly value: T; readonly file: ParsedFile; readonly path: readonly PropertyKey[] };

export type Wanted = {
  readonly schedulers: ReadonlyMap<string, Placed<WantedScheduler>>;
  readonly calendars: ReadonlyMap<string, Placed<Calendar>>;
};

/** A file of configuration as it is read. */
export type SourceFile = { readonly file: string; readonly text: string };

/** The files at some paths, and the YAML and JSON files in folders. @throws UsageError when one cannot be read */
export async function readFiles(paths: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of paths) {
    try {
      for (const file of await filesAt(path)) files.push({ file, text: await readFile(file, 'utf8') });
    } catch (error) {
      throw new UsageError(`${path}: cannot be read: ${reasonOf(error)}`, { cause: error });
    }
  }
  if (files.length === 0) throw new UsageError(`${paths.join(', ')}: no file of YAML or JSON is there`);
  return files;
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => /\.(?:ya?ml|json)$/i.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** What the files say together. @throws UsageError that names every mistake by file, line and field */
export async function readWanted(files: readonly SourceFile[]): Promise<Wanted> {
  const issues: string[] = [];
  const schedulers = new Map<string, Placed<WantedScheduler>>();
  const calendars = new Map<string, Placed<Calendar>>();
  const place = <T>(to: Map<string, Placed<T>>, id: string, placed: Placed<T>, field: string): void => {
    const before = to.get(id);
    if (before === undefined) to.set(id, placed);
    else
      issues.push(
        at(
          placed,
          field === '' ? placed.path : [...placed.path, field],
          `${id} stands in ${whereOf(before)} already`,
        ),
      );
  };
  for (const { file: name, text } of files) {
    const file = await parseFile(name, text);
    if (!('lineOf' in file)) {
      issues.push(...file);
      continue;
    }
    const parsed = configuration.safeParse(file.content ?? {});
    if (!parsed.success) {
      issues.push(...issuesIn(file, parsed.error));
      continue;
    }
    for (const [n, value] of (parsed.data.schedulers ?? []).entries())
      place(schedulers, value.scheduler_id, { value, file, path: ['schedulers', n] }, 'scheduler_id');
    for (const [id, value] of Object.entries(parsed.data.calendars ?? {}))
      place(calendars, id, { value, file, path: ['calendars', id] }, '');
  }
  const wanted = { schedulers, calendars };
  issues.push(...circleIssues(wanted, () => []));
  if (issues.length > 0) throw new UsageError(issues.join('\n'));
  return wanted;
}

/**
 * Where schedulers of the files would wait for themselves, a line each. Pure.
 * @param otherwise what those wait for of which the files say nothing
 */
export function circleIssues({ schedulers }: Wanted, otherwise: (id: string) => readonly string[]): string[] {
  const upstreamsOf = (id: string): readonly string[] => {
    const expectation = schedulers.get(id)?.value.expectation;
    if (expectation === undefined) return otherwise(id);
    return expectation === null ? [] : (readExpectation(expectation)?.depends_on ?? []);
  };
  const told = new Set<string>();
  return [...schedulers].flatMap(([id, placed]) => {
    const circle = told.has(id) ? undefined : circleThrough(id, upstreamsOf);
    if (circle === undefined) return [];
    for (const one of circle) told.add(one);
    const path = [...placed.path, 'expectation', 'depends_on'];
    return [at(placed, path, `must not lead back to itself: ${circle.join(' -> ')}`)];
  });
}

function at({ file }: Placed<unknown>, path: readonly PropertyKey[], what: string): string {
  return `${file.file}:${file.lineOf(path)}: ${path.map(String).join('.')}: ${what}`;
}

function whereOf({ file, path }: Placed<unknown>): string {
  return `${file.file}:${file.lineOf(path)}`;
}
