import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freeDescriptors, startScript } from '../../../src/job/process/shell-start.ts';

const at = { stdin: 3, stderr: 4, pid: 5 };

test.each([
  [[], { stdin: 3, stderr: 4, pid: 5 }],
  [[3, 5, 12], { stdin: 4, stderr: 6, pid: 7 }],
  [[3, 4, 5, 6, 7], undefined],
])('with %j taken the shell uses %j', (taken, free) => {
  expect(freeDescriptors(taken)).toEqual(free);
});

test.each(['dash', 'bash', 'sh'])('%s gives a job arguments and variables to the byte', (shell) => {
  const bytes = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
  });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 4 }), bytes, bytes, (args, plain, foreign) => {
      const script = startScript({
        command: '/bin/sh',
        args: ['-c', 'printf "%s\\n" "$@" "$PLAIN"; exec env -0', 'sh', ...args],
        env: [
          ['PLAIN', plain],
          ['a.b', foreign],
          ['PATH', '/usr/bin:/bin'],
        ],
        launcher: { openFiles: '64', ignoredSignals: [1], descriptors: [] },
        at,
      });
      const out = execFileSync('bash', ['-c', `exec ${shell} 3</dev/null 4>&2 5>/dev/null`], {
        input: Buffer.from(script, 'latin1'),
        encoding: 'latin1',
      });
      expect(out.startsWith([...args, plain, ''].join('\n'))).toBe(true);
      expect(out.split('\0').some((one) => one.endsWith(`PLAIN=${plain}`))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('a shell ends with the job’s exit code, 128+n for a signal of real time too', () => {
  const script = startScript({
    command: 'sh',
    args: ['-c', 'kill -36 $$'],
    env: [['PATH', '/usr/bin:/bin']],
    launcher: undefined,
    at,
  });
  expect(() =>
    execFileSync('bash', ['-c', 'exec sh 3</dev/null 4>&2 5>/dev/null'], {
      input: script,
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  ).toThrow(expect.objectContaining({ status: 164 }));
});
