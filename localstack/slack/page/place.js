/**
 * Where the reader is, as the address has it: `#home`, `#C0RONDA`, `#C0RONDA/<ts>`. A permalink leads to
 * `#C0RONDA/p<ts without its point>`.
 * @typedef {{ readonly kind: 'home' }
 *   | { readonly kind: 'channel', readonly channel: string, readonly ts: string | undefined }} Place
 */

/**
 * @param {string} hash of the address, with its #
 * @returns {Place | undefined} nothing if it names no place
 */
export function placeOf(hash) {
  if (hash === '#home') return { kind: 'home' };
  const [, channel, digits, micros] = /^#([CG][A-Z0-9]+)(?:\/p?(\d+?)\.?(\d{6}))?$/.exec(hash) ?? [];
  if (channel === undefined) return undefined;
  return { kind: 'channel', channel, ts: digits === undefined ? undefined : `${digits}.${micros}` };
}
