import { createHash } from 'node:crypto';
import type { Content } from './content.ts';

/**
 * The hash of a message's content. Block ids do not count: they must be new on every update
 * (https://docs.slack.dev/reference/block-kit/blocks/section-block), so they are no content.
 * @param override what stands for the content instead, where its words change without its meaning
 */
export function contentHashOf({ text, blocks }: Content, override?: string): string {
  const meaning =
    override ?? JSON.stringify([text, blocks.map((block) => ({ ...block, block_id: undefined }))]);
  return createHash('sha256').update(meaning).digest('base64url');
}
