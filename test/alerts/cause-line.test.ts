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
  ['nothing of what shows nothing', ' \n\t\n', undefined],
])('the line that tells the cause is %s', (_what, text, line) => {
  expect(causeLine(text)).toBe(line);
});

test('whatever the text, it is one line of it, never the head of a traceback with anything below', () => {
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
        if (line === undefined) expect(lines.every((one) => one.trim() === '')).toBe(true);
        else expect(line).not.toContain('\n');
        if (
          lines.includes('E: 1') &&
          lines.lastIndexOf('E: 1') > lines.lastIndexOf('Traceback (most recent call last):')
        )
          expect(line).not.toBe('Traceback (most recent call last):');
      },
    ),
  );
});
