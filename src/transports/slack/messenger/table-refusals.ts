import type { Clock } from '../../../clock.ts';
import { RefusedError } from '../slack-errors.ts';
import type { Block, Content } from '../content.ts';

/** How long a channel's refusal of tables is believed. Real ms. */
const believedMs = 3_600_000;

/** Which channels refuse tables, as far as this process has seen. */
export type TableRefusals = {
  /** Sends the blocks; where Slack refuses them, or lately did, the plain ones. */
  readonly send: <T>(
    channel: string,
    content: Content,
    send: (blocks: readonly Block[]) => Promise<T>,
  ) => Promise<T>;
};

/** What one process has seen; a channel that refused tables is sent one again after an hour. */
export function createTableRefusals(clock: Clock): TableRefusals {
  const until = new Map<string, number>();
  return {
    send: async (channel, { blocks, plainBlocks }, send) => {
      if (plainBlocks === undefined) return await send(blocks);
      if ((until.get(channel) ?? -Infinity) > clock.monotonic()) return await send(plainBlocks);
      try {
        return await send(blocks);
      } catch (error) {
        if (!(error instanceof RefusedError) || error.kind !== 'blocks') throw error;
        // A message that is too long says nothing about the next one.
        if (error.error === 'invalid_blocks') until.set(channel, clock.monotonic() + believedMs);
        return await send(plainBlocks);
      }
    },
  };
}
