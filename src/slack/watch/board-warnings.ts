import type { BoardSpec } from '../../night/boards.ts';
import type { Gap } from '../../night/coverage.ts';
import type { Night } from '../../night/night.ts';
import type { Reading } from '../../night/plan.ts';
import type { SlackContext } from '../context.ts';
import { timeOf } from '../render/format.ts';

/** What a reader must know of a board's picture when it is not whole: what is unread, and when nobody listened. */
export async function remarksOn(
  context: Pick<SlackContext, 'ears' | 'queued' | 'log'>,
  { zone }: BoardSpec,
  night: Night,
  at: number,
  reading: Reading,
): Promise<string[]> {
  const shown = ({ from, to }: Gap): string => `monitor was down ${timeOf(from, zone)}-${timeOf(to, zone)}`;
  const gaps = context.ears.heard().gaps.filter(({ from, to }) => to > night.start && from < night.end);
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
    // The board is worth more than its remark.
    log.warn({ err: error }, 'the queue could not be asked for its depth');
    return [asOf];
  }
}
