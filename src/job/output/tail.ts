import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../operator/terminal.ts';

/** What a report may hold, in UTF-16 units: beyond it Ronda cuts the end, which is what matters of an output. */
const maxMessage = 8_000;
/** Enough for as many characters of three bytes, and of colours, which are taken out. */
const keptBytes = 48 * 1_024;

/** The last bytes of an output, kept in a ring: flat memory, however much passes. */
export type Tail = { readonly push: (chunk: Buffer) => void; readonly bytes: () => Buffer };

export function createTail(size = keptBytes): Tail {
  const ring = Buffer.alloc(size);
  let at = 0;
  let isFull = false;
  return {
    push: (chunk) => {
      const last = chunk.subarray(-size);
      const copied = last.copy(ring, at);
      last.copy(ring, 0, copied);
      isFull ||= at + last.length >= size;
      at = (at + last.length) % size;
    },
    bytes: () => (isFull ? Buffer.concat([ring.subarray(at), ring.subarray(0, at)]) : ring.subarray(0, at)),
  };
}

/**
 * How a job failed and the end of what it said, as the text of a report: at most 8,000 UTF-16 units, sound
 * Unicode, lines kept, nothing in it that steers a terminal. What is too long loses its beginning.
 */
export function failureText(how: string, tail: Buffer): string {
  const text = plainText(tail);
  if (text === '') return how;
  const room = maxMessage - how.length - 1;
  return `${how}\n${text.length <= room ? text : `…${lastOf(text, room - 1)}`}`;
}

/** Bytes that begin or end within a character lose it; others that are no UTF-8 become U+FFFD. */
function plainText(bytes: Buffer): string {
  const begun = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const text = new TextDecoder().decode(bytes.subarray(begun > 0 && begun < 4 ? begun : 0), { stream: true });
  return stripVTControlCharacters(text)
    .replace(/\r+\n?/g, '\n')
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t').trimEnd())
    .join('\n')
    .replace(/^\n+|\n+$/g, '');
}

/** Whole lines if the last ones fit, else whole characters. */
function lastOf(text: string, length: number): string {
  const last = text
    .slice(-length)
    .toWellFormed()
    .replace(/^\uFFFD/, '');
  const line = last.indexOf('\n');
  return line === -1 || line > length / 2 ? last : last.slice(line);
}
