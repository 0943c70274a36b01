import { z } from 'zod';

/**
 * Block Kit as Slack takes it, as far as Ronda speaks it: other blocks and elements are refused, and so is any
 * property that Slack does not know. Source: https://docs.slack.dev/reference/block-kit. Lengths are counted in
 * UTF-16 units, the strictest reading of "characters".
 */

const text = (max: number) => z.string().min(1).max(max);
const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(max), emoji: z.boolean().optional() });
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(max), verbatim: z.boolean().optional() });
const id = text(255);

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: id.optional(),
  value: z.string().max(2_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const option = z.strictObject({ text: plainText(75), value: z.string().min(1).max(150) });
/** https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select */
const staticSelect = z.strictObject({
  type: z.literal('static_select'),
  action_id: id.optional(),
  placeholder: plainText(150).optional(),
  option_groups: z
    .array(z.strictObject({ label: plainText(75), options: z.array(option).min(1).max(100) }))
    .min(1)
    .max(100),
});

const richText = z.strictObject({
  type: z.literal('text'),
  text: text(3_000),
  style: z.strictObject({ bold: z.boolean().optional() }).optional(),
});
const richTextParts = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richText).min(1) }),
      z.strictObject({ type: z.literal('rich_text_preformatted'), elements: z.array(richText).min(1) }),
    ]),
  )
  .min(1);

const cell = z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) });
const row = z.array(cell).min(1).max(20);

const blockId = { block_id: id.optional() };

const header = z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(150) });
const section = z.strictObject({
  type: z.literal('section'),
  ...blockId,
  text: z.discriminatedUnion('type', [plainText(3_000), mrkdwn(3_000)]),
});
const context = z.strictObject({
  type: z.literal('context'),
  ...blockId,
  elements: z.array(plainText(3_000)).min(1).max(10),
});
const actions = z.strictObject({
  type: z.literal('actions'),
  ...blockId,
  elements: z
    .array(z.discriminatedUnion('type', [button, staticSelect]))
    .min(1)
    .max(25),
});
const richTextBlock = z.strictObject({
  type: z.literal('rich_text'),
  ...blockId,
  elements: richTextParts,
});
const table = z.strictObject({
  type: z.literal('table'),
  ...blockId,
  rows: z.array(row).min(1).max(100),
  column_settings: z
    .array(
      z.strictObject({
        align: z.enum(['left', 'center', 'right']).optional(),
        is_wrapped: z.boolean().optional(),
      }),
    )
    .max(20)
    .optional(),
});
/** https://docs.slack.dev/reference/block-kit/blocks/data-table-block */
const dataTable = z.strictObject({
  type: z.literal('data_table'),
  ...blockId,
  caption: z.string().min(1),
  rows: z.array(row).min(2).max(101),
  page_size: z.int().min(1).max(100).optional(),
  row_header_column_index: z.int().min(0).max(19).optional(),
});

const everywhere = [header, section, context, actions, richTextBlock] as const;

export const messageBlock = z.discriminatedUnion('type', [...everywhere, table, dataTable]);
/** Tables are for messages alone. */
export const viewBlock = z.discriminatedUnion('type', everywhere);
export type KitBlock = z.infer<typeof messageBlock>;
export type KitButton = z.infer<typeof button>;
export type KitSelect = z.infer<typeof staticSelect>;

/** An App Home, the one view that Ronda has: https://docs.slack.dev/reference/views */
export const view = z.strictObject({ type: z.literal('home'), blocks: z.array(viewBlock).max(100) });
export type View = z.infer<typeof view>;
