/** Escape sequences, the two ways back, and runs of anything else. */
const pieces =
  /\x1b\[([\d;?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[^[\]]|\r|\x08|[^\x1b\r\x08]+|\x1b/gsu;
/** Beyond the width of any terminal; a number in an escape sequence may be anything. */
const widest = 4_096;

/**
 * What a terminal shows, in the end, of a line that was written with carriage returns, backspaces and escape
 * sequences that move along it or erase in it, as progress bars do. Colours go. Pure.
 */
export function shownLine(line: string): string {
  let shown: string[] = [];
  let at = 0;
  for (const [piece, parameter = '', final] of line.matchAll(pieces)) {
    if (piece === '\r') at = 0;
    else if (piece === '\b') at = Math.max(0, at - 1);
    else if (final !== undefined) {
      const count = Math.min(Number(parameter) || 1, widest);
      if (final === 'K' || final === 'J') shown = erased(shown, at, parameter);
      else if (final === 'G') at = count - 1;
      else if (final === 'C') at = Math.min(at + count, widest);
      else if (final === 'D') at = Math.max(0, at - count);
    } else if (!piece.startsWith('\x1b')) {
      while (shown.length < at) shown.push(' ');
      for (const character of piece) {
        shown[at] = character;
        at += 1;
      }
    }
  }
  return shown.join('');
}

/** From the cursor to the end; with 1 up to the cursor; else all. */
function erased(shown: readonly string[], at: number, parameter: string): string[] {
  if (parameter === '' || parameter === '0') return shown.slice(0, at);
  if (parameter !== '1') return [];
  return shown.map((character, n) => (n <= at ? ' ' : character));
}
