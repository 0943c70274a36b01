/** As src/store/api-keys.ts makes them, wherever they stand in a text. */
const ofRonda = /ronda_[A-Za-z0-9]{12}_[A-Za-z0-9_-]{43}/g;
/** A shorter one is no secret, and would make holes in ordinary words. */
const leastSecret = 8;

const mark = 'ronda_[redacted]';

/** Longer than any key: of a text that was cut, so much at its beginning may be the rest of one. */
export const longestKey = 256;

/** A text without API keys: anything of Ronda's form, and the key that is in use. Pure. */
export function redacted(text: string, key: string | undefined): string {
  const rest = text.replace(ofRonda, mark);
  return key === undefined || key.length < leastSecret ? rest : rest.replaceAll(key, mark);
}
