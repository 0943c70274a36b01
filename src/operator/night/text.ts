import type { NightView, SlotView } from '../../board/night-report.ts';
import { durationText } from '../../duration.ts';
import { inColumns } from '../../terminal.ts';

/** A night for people, in UTC: its counts, then a line for each slot in the order in which they were due. Pure. */
export function nightText({
  night,
  board,
  zone,
  from,
  until,
  as_of,
  coverage,
  counts,
  slots,
}: NightView): string {
  const { expected, ...others } = counts;
  const told = Object.entries(others).filter(([, n]) => n > 0);
  const sums = told.map(([name, n]) => `${n} ${name}`).join(', ');
  const end = as_of < until ? as_of : until;
  const edges = [from, ...coverage.flatMap((span) => [span.from, span.until]), end];
  const gaps = edges.flatMap((edge, n) => {
    const next = edges[n + 1];
    return n % 2 === 0 && next !== undefined && edge < next
      ? [`Nobody listened from ${edge} to ${next}.\n`]
      : [];
  });
  const head = [
    `Night ${night} of ${board} (${zone}), ${from} to ${until}, as of ${as_of}.\n`,
    `${expected} expected${sums === '' ? '' : `: ${sums}`}.\n`,
    ...gaps,
  ];
  const heading = ['due', 'verdict', 'service', 'job', 'scheduler', 'began', 'took', 'note'];
  return head.join('') + (slots.length === 0 ? '' : inColumns([heading, ...slots.map(lineOf)]));
}

function lineOf(slot: SlotView): string[] {
  const { run } = slot;
  return [
    ...[slot.slot, slot.verdict, slot.service_name, slot.job_name, slot.scheduler_id],
    run?.started_at ?? '-',
    run?.duration_ms == null ? '-' : durationText(run.duration_ms),
    noteOf(slot),
  ];
}

function noteOf({ flags, waiting_for, excuse, run, start_by, finish_by }: SlotView): string {
  return [
    ...(waiting_for.length === 0 ? [] : [`waits for ${waiting_for.join(', ')}`]),
    ...(run === null && excuse === null ? [`to begin by ${start_by}`] : []),
    ...(finish_by === null || run?.ended_at != null ? [] : [`to end by ${finish_by}`]),
    ...(excuse === null ? [] : [excuse]),
    ...flags.map((flag) => flag.replace('_', ' ')),
  ].join('; ');
}
