/** What a mrkdwn text says. `text` and `label` are decoded and final: they are to be inserted as text nodes. */
export type Inline =
  | { readonly type: 'text' | 'code'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'bold' | 'italic' | 'strike'; readonly children: readonly Inline[] }
  /** `url` begins with http:, https: or mailto:; without a label it stands for itself. */
  | { readonly type: 'link'; readonly url: string; readonly label: string }
  | { readonly type: 'user' | 'channel' | 'group'; readonly id: string; readonly label: string | undefined }
  | { readonly type: 'broadcast'; readonly range: 'here' | 'channel' | 'everyone' };

export type Part =
  | { readonly type: 'lines' | 'quote'; readonly children: readonly Inline[] }
  | { readonly type: 'pre'; readonly text: string };

export type ParseOptions = {
  /** Whether bare addresses become links: not where a text object says `verbatim`. */
  readonly links?: boolean;
  /** Whether a bare @here, @channel, @everyone notifies: in text objects without `verbatim`. */
  readonly names?: boolean;
};

export function parseMrkdwn(text: string, options?: ParseOptions): Part[];
