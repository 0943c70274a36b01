/**
 * Untrusted text on its way to Slack: names, errors, people. First choice is a block that parses nothing
 * (`raw_text`, `plain_text`, the text elements of `rich_text`): there `oneLine` or `severalLines` is enough. Only
 * where Slack parses mrkdwn, and the top-level `text` is such a place, `inert` is needed.
 */

const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
const lineBreaks = new RegExp(lineBreak, 'gu');
/**
 * What takes no room but changes how its neighbours are read: controls, bidi overrides and isolates, zero-width
 * characters, fillers, tags. Joined emoji fall into their parts, a small price.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/gu;
/** Marks piled on one letter reach into the lines above and below. No script needs more than four. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

const nothingSeen = '(blank)';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line without anything unseen, cut to `max` UTF-16 units; never empty. */
export function oneLine(text: string, max = Infinity): string {
  const line = spaced(text.replace(lineBreaks, ' '));
  return line === '' ? nothingSeen : cut(line, max);
}

/** The first line that shows anything; `undefined` when none does. Only the first 2,000 characters are looked at. */
export function firstLine(text: string): string | undefined {
  const lines = text.slice(0, 2_000).split(lineBreak);
  return lines.map(spaced).find((line) => line !== '');
}

/** Keeps line breaks (as `\n`) and indentation, for blocks that show a text as it is; never empty. */
export function severalLines(text: string): string {
  const lines = text.replace(lineBreaks, '\n').replaceAll('\t', '  ').split('\n');
  const cleaned = lines.map(clean).join('\n').trimEnd();
  return cleaned.trim() === '' ? nothingSeen : cleaned;
}

/**
 * The text itself if it has at most `max` UTF-16 units, else its beginning and `…`, together at most `max`. It is
 * cut between characters as readers count them, so that no accent, flag or surrogate pair is torn apart.
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${beginning(text, max - 1).trimEnd()}…`;
}

/** The longest beginning of whole characters that has at most `max` UTF-16 units. */
export function beginning(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (end + segment.length > max) break;
    end += segment.length;
  }
  // A single character may be longer than all the room: then at least no surrogate pair is torn.
  if (end === 0)
    for (const point of text)
      if (end + point.length <= max) end += point.length;
      else break;
  return text.slice(0, end);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);
const lookalikes: ReadonlyMap<string, string> = new Map([
  ['*', '∗'],
  ['~', '∼'],
  ['`', 'ˋ'],
]);
const wordJoiner = '\u2060';

/**
 * One line that mrkdwn cannot read as anything but text: no mention, link, channel, entity or format. Slack offers
 * no escape but the three entities (https://docs.slack.dev/messaging/formatting-message-text), so what formats is
 * replaced by a character that looks alike, and what Slack would turn into a link or a mention by itself (`@here`,
 * `#general`, `https://…`, `example.com`) is broken by a word joiner, which nobody sees.
 */
export function inert(text: string, max = Infinity): string {
  return oneLine(text, max)
    .replace(/[*~`]/gu, (sign) => lookalikes.get(sign) ?? sign)
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ')
    .replace(/[@#]|:(?=\/\/)|(?<=[\p{L}\p{N}])\.(?=\p{L})/gu, `$&${wordJoiner}`)
    .replace(/[&<>]/gu, (sign) => entities.get(sign) ?? sign);
}

/** The mention of a user, for mrkdwn; `undefined` for what is no Slack user id, so that nothing else gets in. */
export function mentionOf(userId: string | null): string | undefined {
  return userId !== null && /^[UW][A-Z0-9]{2,20}$/.test(userId) ? `<@${userId}>` : undefined;
}

/** Single spaces only. A byte order mark counts as a space to `\s`, so it must be gone before. */
function spaced(line: string): string {
  return clean(line.replaceAll('\t', ' ')).replace(/\s+/gu, ' ').trim();
}

function clean(text: string): string {
  return text.toWellFormed().replace(unseen, '').replace(piledMarks, '$1');
}

/**
 * A link that names the host that it leads to, for places that are parsed; undefined for what is no http(s) address.
 * https://docs.slack.dev/messaging/formatting-message-text#linking-urls
 */
export function linkOf(address: string, what: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const href = url.href.replace(/[|<>&]/g, (sign) => (sign === '&' ? '&amp;' : encodeURIComponent(sign)));
  return `<${href}|${what} on ${url.host}>`;
}
