import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../printable.ts';
import { longestKey, redacted } from './redact.ts';
import { shownLine } from './terminal-view.ts';

/** What a report may hold, in UTF-16 units: beyond it Ronda cuts the end, which is what matters of an output. */
const maxMessage = 8_000;
/** Enough for as many characters of three bytes, and of colours, which are taken out. */
const keptBytes = 48 * 1_024;
/** Of a line that has not ended yet, so much is kept; a progress bar never gets there, having been looked at. */
const longestLine = 16 * 1_024;

const newline = 0x0a;
const carriageReturn = 0x0d;
const backspace = 0x08;

/** The end of what a job has said, line by line as a terminal shows it. Flat memory, however much passes. */
export type Tail = {
  /** Each output has lines of its own: what it has begun is not mixed with another's. */
  readonly stream: () => (chunk: Buffer) => void;
  readonly bytes: () => Buffer;
};

/** @param key what must not stand in it, beside whatever looks like a key of Ronda's */
export function createTail(key: string | undefined, size = keptBytes): Tail {
  const ring = createRing(size);
  const begun: (() => Buffer)[] = [];
  const shown = (bytes: Buffer): Buffer => {
    // The common case costs nothing; a key in it goes when it is told.
    if (!bytes.includes(carriageReturn) && !bytes.includes(backspace)) return bytes;
    // Before a part of a key is written over, for the rest would not look like one any more.
    const lines = redacted(bytes.toString(), key).split('\n').map(shownLine);
    return Buffer.from(lines.join('\n'));
  };
  return {
    stream: () => {
      let line: Buffer = Buffer.alloc(0);
      begun.push(() => shown(line));
      return (chunk) => {
        const end = chunk.lastIndexOf(newline);
        if (end >= 0) {
          ring.push(shown(Buffer.concat([line, chunk.subarray(0, end + 1)])));
          line = Buffer.from(chunk.subarray(end + 1));
        } else line = Buffer.concat([line, chunk]);
        if (line.length > longestLine) line = shortened(line, shown);
      };
    },
    bytes: () => {
      const lines = begun.map((one) => one()).filter(({ length }) => length > 0);
      return Buffer.concat([ring.bytes(), ...lines.flatMap((one) => [one, Buffer.from('\n')])]);
    },
  };
}

/** What is shown of a line so far, and as it is what follows the last return: an escape sequence may be half there. */
function shortened(line: Buffer, shown: (bytes: Buffer) => Buffer): Buffer {
  const back = line.lastIndexOf(carriageReturn);
  const whole = back > 0 ? Buffer.concat([shown(line.subarray(0, back)), line.subarray(back)]) : line;
  return whole.length > longestLine ? Buffer.from(lastBytes(whole, longestLine / 2)) : whole;
}

/** What stands at a cut may be the rest of a key: it goes, too. */
function lastBytes(bytes: Buffer, count: number): Buffer {
  return bytes.length <= count ? bytes : bytes.subarray(-count).subarray(longestKey);
}

/** The last bytes, in a buffer that is written round and round. */
function createRing(size: number): { push: (chunk: Buffer) => void; bytes: () => Buffer } {
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
    bytes: () => {
      if (!isFull) return ring.subarray(0, at);
      return Buffer.concat([ring.subarray(at), ring.subarray(0, at)]).subarray(longestKey);
    },
  };
}

/**
 * How a job failed and the end of what it said, as the text of a report: at most 8,000 UTF-16 units, sound
 * Unicode, lines kept, no API key, nothing in it that steers a terminal. What is too long loses its beginning. Pure.
 */
export function failureText(how: string, tail: Buffer | undefined, key: string | undefined): string {
  const text = tail === undefined ? '' : plainText(tail, key);
  const first = redacted(how, key);
  if (text === '') return first;
  const room = maxMessage - first.length - 1;
  return `${first}\n${text.length <= room ? text : `…${lastOf(text, room - 1)}`}`;
}

/** Bytes that begin or end within a character lose it; others that are no UTF-8 become U+FFFD. */
function plainText(bytes: Buffer, key: string | undefined): string {
  const begun = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  const text = new TextDecoder().decode(bytes.subarray(begun > 0 && begun < 4 ? begun : 0), { stream: true });
  return redacted(stripVTControlCharacters(text), key)
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
