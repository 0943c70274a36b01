import type { CliContext, CliConnection } from '../cli-context.ts';
import type { DeadQueue } from './dead-queue.ts';

/** What each subcommand works with. */
export type Work = { readonly cli: CliContext; readonly connection: CliConnection; readonly dead: DeadQueue };

/** `1 message`, `2 messages`. */
export function count(n: number): string {
  return `${n} ${n === 1 ? 'message' : 'messages'}`;
}
