import { atomsOf, decode } from './atoms.js';
import { styled } from './marks.js';

/**
 * Slack's mrkdwn as a tree, by the rules of https://docs.slack.dev/messaging/formatting-message-text. It gives
 * plain data, so whatever a text holds can only ever become text on the page. Its work grows with the length of
 * the text alone, whatever the text.
 * @typedef {import('./mrkdwn.d.ts').Inline} Inline
 * @typedef {import('./mrkdwn.d.ts').Part} Part
 * @typedef {import('./mrkdwn.d.ts').ParseOptions} ParseOptions
 */

const fence = /```([\s\S]+?)```/;
const quoteMark = /^(?:>|&gt;)[ ]?/;
const restQuoted = /^(?:>|&gt;){3}[ ]?/;

/** @type {typeof import('./mrkdwn.d.ts').parseMrkdwn} */
export function parseMrkdwn(text, options = {}) {
  // Splitting by a pattern with a group puts what the group holds at every odd place.
  const pieces = text.split(fence);
  return pieces.flatMap((piece, index) => {
    if (index % 2 === 1) return [{ type: 'pre', text: decode(trimBreaks(piece)) }];
    // A fenced block breaks the line by itself.
    const afterPre = index > 0 ? piece.replace(/^\n/, '') : piece;
    const outside = index < pieces.length - 1 ? afterPre.replace(/\n$/, '') : afterPre;
    return outside === '' ? [] : linesOf(outside, options);
  });
}

/**
 * @param {string} text what stands outside fences
 * @param {ParseOptions} options
 * @returns {Part[]}
 */
function linesOf(text, options) {
  /** @type {{ type: 'lines' | 'quote', lines: string[] }[]} */
  const groups = [];
  let allQuoted = false;
  for (const line of text.split('\n')) {
    /** @type {boolean} */
    const opensRest = !allQuoted && restQuoted.test(line);
    const isQuoted = allQuoted || quoteMark.test(line);
    const bare = allQuoted ? line : line.replace(opensRest ? restQuoted : quoteMark, '');
    allQuoted ||= opensRest;
    const type = isQuoted ? 'quote' : 'lines';
    const last = groups.at(-1);
    if (last?.type === type) last.lines.push(bare);
    else groups.push({ type, lines: [bare] });
  }
  return groups.map(({ type, lines }) => ({
    type,
    children: lines.flatMap((line, index) => [
      ...(index > 0 ? [/** @type {const} */ ({ type: 'break' })] : []),
      ...styled(atomsOf(line, options)),
    ]),
  }));
}

/** @returns {string} */
function trimBreaks(/** @type {string} */ text) {
  return text.replace(/^\n/, '').replace(/\n$/, '');
}
