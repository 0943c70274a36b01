import type { Transport } from '../alerts/transport.ts';
import type { Clock } from '../clock.ts';
import type { SettingRow } from '../config.ts';
import { UsageError } from '../errors.ts';
import { webhooks } from './webhook/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;
/** A kind of transport: what it is set up by, which of it an environment sets up, and what is wrong with what it says. */
export type TransportKind = {
  readonly settings: readonly SettingRow[];
  readonly read: (
    env: Environment,
    clock: Clock,
  ) => { readonly transports: readonly Transport[]; readonly problems: readonly string[] };
};

/** Every kind of transport beside Slack. A folder and a word here are all it takes to add one. */
const kinds: readonly TransportKind[] = [webhooks];

/** What transports are set up by. */
export const transportSettings: readonly SettingRow[] = kinds.flatMap(({ settings }) => settings);

/**
 * The transports that the environment sets up.
 * @throws UsageError that names every bad setting
 */
export function configuredTransports(env: Environment, clock: Clock): Transport[] {
  const read = kinds.map((kind) => kind.read(env, clock));
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0)
    throw new UsageError(`Settings that cannot be used:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  return read.flatMap((one) => one.transports);
}
