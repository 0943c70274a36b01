import { causeLine } from '../alerts/cause-line.ts';

/** Failures that say the same of why. */
export type CauseGroup<T> = {
  /** The line of the first one's error; undefined where it shows nothing. */
  readonly cause: string | undefined;
  /** In the order in which they were given; never empty. */
  readonly members: readonly T[];
};

/**
 * Failures by their cause, the most frequent first, else in the order of their first. Two causes are one if their lines
 * differ in numbers that stand alone at most, such as the attempts; the number of a host or a port tells causes apart.
 * What shows no cause stands alone. Pure.
 */
export function groupsByCause<T extends { readonly error: string | null }>(
  failures: readonly T[],
): CauseGroup<T>[] {
  const groups = new Map<string, { readonly cause: string | undefined; readonly members: T[] }>();
  for (const [index, failure] of failures.entries()) {
    const cause = failure.error === null ? undefined : causeLine(failure.error);
    const key = cause === undefined ? `alone ${index}` : `cause ${withoutNumbers(cause)}`;
    const group = groups.get(key) ?? { cause, members: [] };
    group.members.push(failure);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.members.length - a.members.length);
}

function withoutNumbers(line: string): string {
  return line.replace(/(?<![\w.:-])\d+(?![\w.:-])/g, '#');
}
