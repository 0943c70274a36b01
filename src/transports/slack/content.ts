import type { types } from '@slack/bolt';

/** A Block Kit block; `data_table` is younger than the types that Bolt ships. */
export type Block = types.KnownBlock | DataTable;

export type DataTable = {
  readonly type: 'data_table';
  readonly block_id?: string;
  readonly caption: string;
  readonly page_size?: number;
  readonly rows: readonly (readonly { readonly type: 'raw_text'; readonly text: string }[])[];
};

/** The content of a message, whatever its place: what renderers give and the messenger posts. */
export type Content = {
  /** Says the essential by itself: screen readers and notifications read nothing else. At most 3,900 characters. */
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The same without a table, for when Slack refuses the blocks. */
  readonly plainBlocks?: readonly Block[];
};
