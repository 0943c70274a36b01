import { printable } from '../../printable.ts';
import type { Change, Step } from './plan.ts';

/** What will be created and changed, field by field. Pure. */
export function planText(steps: readonly Step[]): string {
  if (steps.length === 0) return 'Nothing differs.\n';
  const created = steps.filter(({ isNew }) => isNew).length;
  const sum = `${created} to create, ${steps.length - created} to change.\n`;
  return [...steps.map(stepText), sum].join('');
}

function stepText({ kind, id, isNew, changes }: Step): string {
  return `${isNew ? '+' : '~'} ${kind} ${printable(id)}\n${changes.map((one) => changeText(one, isNew)).join('')}`;
}

function changeText({ field, from, to }: Change, isNew: boolean): string {
  const before = isNew ? '' : `${valueText(from)} -> `;
  return `    ${printable(field)}: ${before}${valueText(to)}\n`;
}

function valueText(value: unknown): string {
  return value === undefined ? '-' : printable(JSON.stringify(value));
}
