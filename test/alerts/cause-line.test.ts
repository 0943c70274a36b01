import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { causeLine } from '../../src/alerts/cause-line.ts';

test.each([
  ['the only line', 'disk full', 'disk full'],
  ['the first line that shows anything', '\n  \n  disk full\nat /var', 'disk full'],
  [
    'of a Python traceback the last line',
    'Traceback (most recent call last):\n  File "job.py", line 3, in <module>\n    main()\nValueError: no rows\n',
    'ValueError: no rows',
  ],
  [
    'of two chained tracebacks the last one’s',
    'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "a.py", line 2\nRuntimeError: cannot close the day',
    'RuntimeError: cannot close the day',
  ],
  [
    'of a Java stack trace the exception and the deepest cause',
    'Exception in thread "main" java.lang.IllegalStateException: batch failed\n\tat com.bank.Job.run(Job.java:12)\nCaused by: java.io.IOException: read\n\tat com.bank.Io.read(Io.java:4)\n\t... 3 more\nCaused by: java.net.ConnectException: ledger-db-1 refused\n\t... 9 more',
    'Exception in thread "main" IllegalStateException: batch failed (caused by ConnectException: ledger-db-1 refused)',
  ],
  [
    'of a Java stack trace without a cause the exception',
    'java.lang.OutOfMemoryError: heap\n\tat com.bank.Job.run(Job.java:12)',
    'OutOfMemoryError: heap',
  ],
  [
    'of a program’s output the last line that looks like an error',
    'reading 4,000 rows\nERROR: relation "ledger" is locked\nrows read: 12\n',
    'ERROR: relation "ledger" is locked',
  ],
  [
    'of Node’s errors the first line',
    'Error: connect ECONNREFUSED 10.0.0.1:5432\n    at TCPConnectWrap.afterConnect (node:net:1611:16)',
    'Error: connect ECONNREFUSED 10.0.0.1:5432',
  ],
  [
    'of a chained traceback that is cut off the last exception that is there',
    'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "a.py", line 9',
    'KeyError: 1',
  ],
  [
    'of an exception that was raised from another the one that was raised',
    'Traceback (most recent call last):\n  File "a.py", line 1\nOSError: gone\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "a.py", line 9\nloader.LoadError: no file\n',
    'loader.LoadError: no file',
  ],
  [
    'of a traceback in a log its exception',
    '2026-11-23 01:00 INFO start\nTraceback (most recent call last):\n  File "a.py", line 1\n    x()\nZeroDivisionError: division by zero\nexit status 1',
    'ZeroDivisionError: division by zero',
  ],
  [
    'of a traceback with something before each line the last that looks like an error',
    '[err] Traceback (most recent call last):\n[err]   File "a.py", line 1\n[err] ValueError: no rows',
    '[err] ValueError: no rows',
  ],
  [
    'of a group of exceptions the last of them',
    '  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in <module>\n  | ExceptionGroup: all (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File "a.py", line 2\n    | ValueError: one\n    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n    |   File "a.py", line 3\n    | TypeError: two\n    +------------------------------------',
    'TypeError: two',
  ],
  [
    'of a traceback that is cut off after its frames a frame',
    'Traceback (most recent call last):\n  File "a.py", line 1',
    'File "a.py", line 1',
  ],
  ['nothing of a traceback’s head alone', 'Traceback (most recent call last):\n', undefined],
  [
    'of a Java stack trace its own cause, not that of what was suppressed',
    'java.lang.IllegalStateException: batch failed\n\tat com.bank.Job.run(Job.java:12)\n\tSuppressed: java.io.IOException: close\n\t\tat a.B.c(B.java:1)\n\tCaused by: java.io.EOFException: end\n\t\t... 1 more\nCaused by: java.net.ConnectException: refused\n\t... 1 more',
    'IllegalStateException: batch failed (caused by ConnectException: refused)',
  ],
  ['nothing of what shows nothing', ' \n\t\n', undefined],
])('the line that tells the cause is %s', (_what, text, line) => {
  expect(causeLine(text)).toBe(line);
});

test('whatever the text, it is one line of it, never the head of a traceback', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'Traceback (most recent call last):',
          '  File "x"',
          'E: 1',
          'Caused by: y',
          '\tat a.b(C.java:1)',
          'java.io.IOException: z',
          '',
          'ok',
        ),
      ),
      (lines) => {
        const line = causeLine(lines.join('\n'));
        const shows = (one: string): boolean => one.trim() !== '' && !one.startsWith('Traceback (');
        expect(line === undefined).toBe(!lines.some(shows));
        expect(line).not.toBe('Traceback (most recent call last):');
        if (line !== undefined) expect(line).not.toContain('\n');
      },
    ),
  );
});
