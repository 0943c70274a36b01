/** Line breaks and what steers a terminal: colours, cursor, bells, direction of writing. */
const steering = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text from a service as one line that can do nothing to a terminal: what could is written as `\u{1b}`. Pure. */
export function printable(text: string): string {
  return text.replace(steering, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}
