import type { Difference } from '../../store/mending.ts';
import { printable } from '../../printable.ts';

/** A difference between a row and its events, with whose it is. */
export type Drift = Difference & { readonly scheduler_id: string; readonly projection: string };

/** A drift in lines for people. */
export function driftText({ scheduler_id, projection, row, field, live, rebuilt, decidedBy }: Drift): string {
  const where = [
    scheduler_id,
    projection,
    ...(row === null ? [] : [row]),
    ...(field === 'row' ? [] : [field]),
  ];
  return [
    where.map(printable).join('  '),
    `  live     ${valueText(live)}`,
    `  rebuilt  ${valueText(rebuilt)}`,
    ...(decidedBy === null ? [] : [`  by event ${printable(decidedBy)}`]),
    '',
  ].join('\n');
}

function valueText(value: unknown): string {
  return value === undefined
    ? '(none)'
    : printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A drift for machines: what is not there is null. */
export function driftJson({ live = null, rebuilt = null, decidedBy, ...drift }: Drift): object {
  return { ...drift, live, rebuilt, decided_by: decidedBy };
}
