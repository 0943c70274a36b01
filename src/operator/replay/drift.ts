import { isDeepStrictEqual } from 'node:util';
import type { Difference } from '../../store/projections/rebuild.ts';
import { printable } from '../../printable.ts';

/** A difference between a row and its events, with whose it is. */
export type Drift = Difference & { readonly scheduler_id: string; readonly projection: string };

/** A drift in lines for people: of values that have members, only those that differ. */
export function driftText({ scheduler_id, projection, row, field, live, rebuilt, decidedBy }: Drift): string {
  const isWhole = field === 'row';
  const where = [scheduler_id, projection, ...(row === null ? [] : [row]), ...(isWhole ? [] : [field])];
  return [
    where.map(printable).join('  '),
    `  live     ${isWhole ? rowText(live) : valueText(onlyOther(live, rebuilt))}`,
    `  rebuilt  ${isWhole ? rowText(rebuilt) : valueText(onlyOther(rebuilt, live))}`,
    ...(decidedBy === null ? [] : [`  by event ${printable(decidedBy)}`]),
    '',
  ].join('\n');
}

/** Of a row that is there whole or not at all, what it says is in --json and in `ronda state`. */
function rowText(row: unknown): string {
  return typeof row === 'object' && row !== null ? 'a row' : row === undefined ? 'no row' : valueText(row);
}

/** What of a value the other one does not say. */
function onlyOther(value: unknown, other: unknown): unknown {
  if (!hasMembers(value) || !hasMembers(other)) return value;
  const others = new Map<string, unknown>(Object.entries(other));
  const odd = Object.entries(value).filter(([name, member]) => !isDeepStrictEqual(member, others.get(name)));
  return Object.fromEntries(odd.map(([name, member]) => [name, onlyOther(member, others.get(name))]));
}

function hasMembers(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueText(value: unknown): string {
  return value === undefined
    ? '(none)'
    : printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A drift for machines, values whole: what is not there is null. */
export function driftJson({ live = null, rebuilt = null, decidedBy, ...drift }: Drift): object {
  return { ...drift, live, rebuilt, decided_by: decidedBy };
}
