import type { BoardSpec } from '../../../night/boards.ts';
import type { Gap } from '../../../night/coverage.ts';
import type { Night } from '../../../night/night.ts';
import type { Reading } from '../../../night/plan.ts';
import type { SlackContext } from '../context.ts';
import { timeOf } from '../render/format.ts';

/** What a reader must know of a board that is incomplete: what is unread, and when there was no coverage. */
export async function boardWarnings(
  context: Pick<SlackContext, 'coverageMonitor' | 'queued' | 'log'>,
  { zone }: BoardSpec,
  night: Night,
  at: number,
  reading: Reading,
): Promise<string[]> {
  const shown = ({ from, to }: Gap): string => `monitor was down ${timeOf(from, zone)}-${timeOf(to, zone)}`;
  const gaps = context.coverageMonitor
    .current()
    .gaps.filter(({ from, to }) => to > night.start && from < night.end);
  return [...(await lagLine(context, zone, at, reading)), ...gaps.map(shown)];
}

async function lagLine(
  { queued, log }: Pick<SlackContext, 'queued' | 'log'>,
  zone: string,
  at: number,
  { watermark, tolerance }: Reading,
): Promise<string[]> {
  if (watermark === null) return ['nothing is being read at the moment: this may be out of date'];
  if (watermark >= at - tolerance) return [];
  const asOf = `data as of ${timeOf(watermark, zone)}`;
  try {
    return [`${asOf}, ${await queued()} events queued`];
  } catch (error) {
    // The board is worth more than its warning.
    log.warn({ err: error }, 'the queue could not be asked for its depth');
    return [asOf];
  }
}
