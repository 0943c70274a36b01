import { printable } from '../printable.ts';

/**
 * What a spreadsheet takes for the beginning of a formula, also behind white space and in full width: such a cell begins
 * with an apostrophe. https://owasp.org/www-community/attacks/CSV_Injection
 */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠\t\r\n]/u;

/**
 * Lines of a table for spreadsheets (RFC 4180): every field in quotes, of one line, and none that one would take for a
 * formula. Pure.
 */
export function csvOf(lines: readonly (readonly (string | number | null)[])[]): string {
  return lines.map((line) => `${line.map(fieldOf).join(',')}\r\n`).join('');
}

function fieldOf(value: string | number | null): string {
  if (value === null) return '""';
  const text = String(value);
  const safe = printable(formula.test(text) ? `'${text}` : text);
  return `"${safe.replaceAll('"', '""')}"`;
}
