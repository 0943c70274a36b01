/**
 * The line of an error text that tells the cause: of a Python traceback its last line, of a Java stack trace the
 * exception and the deepest `Caused by`, of a program's output the last line that looks like an error, else the
 * first line that shows anything; never the head of a traceback. Pure.
 * @returns undefined when no line shows anything
 */
export function causeLine(text: string): string | undefined {
  const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u).filter((line) => line.trim() !== '');
  const line = ofTraceback(lines) ?? withoutPackages(ofStackTrace(lines)) ?? ofOutput(lines);
  return line?.trim();
}

/** Of groups of exceptions, too, and whatever a program that passes them on writes before. */
const head = /Traceback \(most recent call last\):\s*$/;
/** What stands before the lines of a group of exceptions. */
const groupMargin = /^\s*(?:\+-[-+\s]*\d[-+\s]*$|[|+] ?)/;

/**
 * https://docs.python.org/3/library/traceback.html: what follows the indented frames is the exception. Of several
 * tracebacks the last one tells it that is not cut off before its exception.
 */
function ofTraceback(lines: readonly string[]): string | undefined {
  const isGroup = lines.some((line) => /^\s*\+ Exception Group Traceback /.test(line));
  const read = isGroup ? lines.map((line) => line.replace(groupMargin, '')) : lines;
  let after = read.length;
  for (let at = read.length - 1; at >= 0; at -= 1) {
    if (!/^\s*(?:Exception Group )?Traceback \(most recent call last\):\s*$/.test(read[at] ?? '')) continue;
    const exception = read.slice(at + 1, after).find((line) => /^\S/.test(line) && !link.test(line));
    if (exception !== undefined) return exception;
    after = at;
  }
  return undefined;
}

/** What stands between two tracebacks of which one came of the other. */
const link =
  /^(?:During handling of the above exception, another exception occurred:|The above exception was the direct cause of the following exception:)\s*$/;

const exception = /^(?:Exception in thread "[^"]*" )?(?:[\w$]+\.)*[\w$]*(?:Exception|Error|Throwable)\b.*$/;
/** What is indented belongs to a suppressed exception. */
const cause = /^Caused by: (?<cause>.+)$/;

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
  /\b(?:\w*error|\w*exception|fatal|failed|failure|panic|cannot|could not|denied|refused|timed out|no such|killed)\b/i;

function ofOutput(all: readonly string[]): string | undefined {
  const lines = all.filter((line) => !head.test(line) && !link.test(line));
  const [first] = lines;
  if (first === undefined || errorLike.test(first)) return first;
  return lines.findLast((line) => errorLike.test(line)) ?? first;
}
