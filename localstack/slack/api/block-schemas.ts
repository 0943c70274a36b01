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
const textObject = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

const id = text(255);
const url = z.url({ protocol: /^https?$/ }).max(3_000);
const style = z.enum(['primary', 'danger']);

const confirm = z.strictObject({
  title: plainText(100).optional(),
  text: textObject(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: style.optional(),
});

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: id.optional(),
  value: z.string().max(2_000).optional(),
  url: url.optional(),
  style: style.optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
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

const inlineStyle = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();

const richText = z.strictObject({ type: z.literal('text'), text: text(3_000), style: inlineStyle });
const richLink = z.strictObject({
  type: z.literal('link'),
  url,
  text: z.string().optional(),
  unsafe: z.boolean().optional(),
  style: inlineStyle,
});
const inline = z.discriminatedUnion('type', [
  richText,
  richLink,
  z.strictObject({
    type: z.literal('emoji'),
    name: text(255),
    unicode: z.string().optional(),
    style: inlineStyle,
  }),
  z.strictObject({
    type: z.literal('user'),
    user_id: z.string().regex(/^[UW][A-Z0-9]+$/),
    style: inlineStyle,
  }),
  z.strictObject({
    type: z.literal('channel'),
    channel_id: z.string().regex(/^[CG][A-Z0-9]+$/),
    style: inlineStyle,
  }),
  z.strictObject({
    type: z.literal('broadcast'),
    range: z.enum(['here', 'channel', 'everyone']),
    style: inlineStyle,
  }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: text(255),
    url: url.optional(),
    fallback: z.string().optional(),
    style: inlineStyle,
  }),
]);

const border = z.literal([0, 1]).optional();
const richTextSection = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(inline).min(1),
});
const richTextElements = z
  .array(
    z.discriminatedUnion('type', [
      richTextSection,
      z.strictObject({
        type: z.literal('rich_text_list'),
        style: z.enum(['bullet', 'ordered']),
        elements: z.array(richTextSection).min(1),
        indent: z.int().min(0).max(8).optional(),
        offset: z.int().min(0).optional(),
        border,
      }),
      z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(inline).min(1), border }),
      z.strictObject({
        type: z.literal('rich_text_preformatted'),
        elements: z.array(z.discriminatedUnion('type', [richText, richLink])).min(1),
        border,
      }),
    ]),
  )
  .min(1);

const rawText = z.strictObject({ type: z.literal('raw_text'), text: z.string().min(1) });
const rawNumber = z.strictObject({
  type: z.literal('raw_number'),
  value: z.number(),
  text: z.string().min(1),
});
const richTextCell = z.strictObject({
  type: z.literal('rich_text'),
  block_id: id.optional(),
  elements: richTextElements,
});
const cell = z.discriminatedUnion('type', [rawText, rawNumber, richTextCell]);
const row = z.array(cell).min(1).max(20);

const blockId = { block_id: id.optional() };

const header = z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(150) });
const divider = z.strictObject({ type: z.literal('divider'), ...blockId });
const section = z.strictObject({
  type: z.literal('section'),
  ...blockId,
  text: textObject(3_000).optional(),
  fields: z.array(textObject(2_000)).min(1).max(10).optional(),
  accessory: button.optional(),
  expand: z.boolean().optional(),
});
const context = z.strictObject({
  type: z.literal('context'),
  ...blockId,
  elements: z.array(textObject(3_000)).min(1).max(10),
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
  elements: richTextElements,
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

const everywhere = [header, divider, section, context, actions, richTextBlock] as const;

export const messageBlock = z.discriminatedUnion('type', [...everywhere, table, dataTable]);
/** Tables are for messages alone. */
export const viewBlock = z.discriminatedUnion('type', everywhere);
export type KitBlock = z.infer<typeof messageBlock>;
export type KitButton = z.infer<typeof button>;
export type KitSelect = z.infer<typeof staticSelect>;

const blocks = z.array(viewBlock).max(100);
const metadata = {
  private_metadata: z.string().max(3_000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};

/** https://docs.slack.dev/reference/views */
export const view = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('home'), blocks, ...metadata }),
  z.strictObject({
    type: z.literal('modal'),
    blocks,
    title: plainText(24),
    close: plainText(24).optional(),
    submit: plainText(24).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    ...metadata,
  }),
]);
export type View = z.infer<typeof view>;
