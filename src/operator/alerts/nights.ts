import { UsageError } from '../../errors.ts';
import { nightKey, type BoardSpec } from '../../night/boards.ts';
import { nightOf } from '../../night/night.ts';
import type { AlertKey } from '../../store/alerts/alert-rows.ts';
import type { NightOptions } from './command.ts';

/**
 * The keys of the nights that are asked for: of one date or the current one, of one board or all.
 * @param now Ronda's time, ms UTC
 * @throws UsageError
 */
export function nightsOf(
  boards: readonly BoardSpec[],
  { night, board }: NightOptions,
  now: number,
): string[] {
  if (night !== undefined && !/^\d{4}-\d\d-\d\d$/.test(night))
    throw new UsageError('--night: must be the date on which it starts, like 2026-11-23');
  const asked = boards.filter(({ name }) => board === undefined || name === board);
  if (asked.length === 0)
    throw new UsageError(`--board: must be one of ${boards.map(({ name }) => name).join(', ')}`);
  return asked.map((one) => nightKey(one, night ?? nightOf(now, one)));
}

/** An alert's key as one word: `eod/2026-11-23/alert/payroll/2026-11-23T18:40:00.000Z#…`. */
export function keyText({ night, alert_key }: AlertKey): string {
  return `${night}/${alert_key}`;
}

/** @throws UsageError for what is no such word */
export function readKey(text: string): AlertKey {
  const [, night, alert_key] = /^([^/]+\/\d{4}-\d\d-\d\d)\/(.+)$/.exec(text) ?? [];
  if (night === undefined || alert_key === undefined)
    throw new UsageError(`${text} is no alert's key: "ronda alerts list" prints them`);
  return { night, alert_key };
}
