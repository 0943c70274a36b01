/**
 * The line of an error text that tells the cause: of a Python traceback its last line, of a Java stack trace the
 * exception and the deepest `Caused by`, of a program's output the last line that looks like an error, else the
 * first line that shows anything. Pure.
 * @returns undefined when no line shows anything
 */
export function causeLine(text: string): string | undefined {
  const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u).filter((line) => line.trim() !== '');
  const line = ofTraceback(lines) ?? withoutPackages(ofStackTrace(lines)) ?? ofOutput(lines);
  return line?.trim();
}

/** https://docs.python.org/3/library/traceback.html: what follows the indented frames is the exception. */
function ofTraceback(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex((line) => /^\s*Traceback \(most recent call last\):\s*$/.test(line));
  return start === -1 ? undefined : lines.slice(start + 1).find((line) => /^\S/.test(line));
}

const exception = /^(?:Exception in thread "[^"]*" )?(?:[\w$]+\.)*[\w$]*(?:Exception|Error|Throwable)\b.*$/;
const cause = /^\s*Caused by: (?<cause>.+)$/;

function ofStackTrace(lines: readonly string[]): string | undefined {
  if (!lines.some((line) => /^\s+at [\w$.<>/@-]+\(.*\)\s*$/.test(line))) return undefined;
  const thrown = lines.find((line) => exception.test(line));
  if (thrown === undefined) return undefined;
  const deepest = lines.findLast((line) => cause.test(line));
  const text = deepest === undefined ? undefined : cause.exec(deepest)?.groups?.['cause'];
  return text === undefined ? thrown : `${thrown} (caused by ${text})`;
}

/** `org.springframework.dao.DataAccessException` says no more than its last part, and a line is short. */
function withoutPackages(line: string | undefined): string | undefined {
  return line?.replace(/\b(?:[a-z_$][\w$]*\.){2,}(?=[A-Z])/g, '');
}

const errorLike =
  /\b(?:error|fatal|failed|failure|exception|panic|cannot|could not|denied|refused|timed out|no such|killed)\b/i;

function ofOutput(lines: readonly string[]): string | undefined {
  const [first] = lines;
  if (first === undefined || errorLike.test(first)) return first;
  return lines.findLast((line) => errorLike.test(line)) ?? first;
}
