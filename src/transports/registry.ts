import type { Transport } from '../alerts/transport.ts';
import type { Clock } from '../clock.ts';
import { UsageError } from '../errors.ts';
import { readWebhooks } from './webhook/settings.ts';
import { createWebhook } from './webhook/webhook.ts';

type Environment = Readonly<Record<string, string | undefined>>;
/** A kind of transport: which of it the environment sets up, and what is wrong with what it says. */
type TransportKind = (
  env: Environment,
  clock: Clock,
) => { readonly transports: readonly Transport[]; readonly problems: readonly string[] };

/** Every kind of transport beside Slack. A folder and a line here are all it takes to add one. */
const kinds: readonly TransportKind[] = [
  (env, clock) => {
    const { webhooks, problems } = readWebhooks(env);
    return { transports: webhooks.map((settings) => createWebhook(settings, clock)), problems };
  },
];

/**
 * The transports that the environment sets up.
 * @throws UsageError that names every bad setting
 */
export function configuredTransports(env: Environment, clock: Clock): Transport[] {
  const read = kinds.map((kind) => kind(env, clock));
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0)
    throw new UsageError(`Settings that cannot be used:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  return read.flatMap((one) => one.transports);
}
