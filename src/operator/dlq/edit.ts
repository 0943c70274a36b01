import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { DeadLetter } from './dead-letter.ts';

/** What became of a dead letter in the editor: its new body, or why it stays where it is. */
export type Edited = { readonly body: string } | { readonly left: string };

export type Editor = {
  /** Opens a file and waits. @returns the editor's exit code, null when a signal ended it */
  readonly open: (path: string) => Promise<number | null>;
  /** Whether to try again, after saying why it is asked; without somebody to ask it is undefined. */
  readonly again: ((problem: string) => Promise<boolean>) | undefined;
};

/**
 * Has the body of a dead letter edited, in a file that only this user may read and that is gone afterwards.
 * @param faultsOf why the consumer would refuse a body; none if it takes it
 * @throws UsageError when there is no such editor
 */
export async function editBody(
  { delivery }: DeadLetter,
  { open, again }: Editor,
  faultsOf: (body: string) => readonly string[],
): Promise<Edited> {
  const folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  const path = join(folder, 'body.json');
  try {
    await writeFile(path, delivery.body, { mode: 0o600 });
    for (;;) {
      const code = await open(path);
      // As shells have it: found but not to be run, and not found. The next dead letter would fare no better.
      if (code === 126 || code === 127)
        throw new UsageError('The editor cannot be run: set VISUAL or EDITOR.');
      if (code !== 0) return { left: `the editor ended with ${code ?? 'a signal'}` };
      const body = asBefore(await readFile(path, 'utf8'), delivery.body);
      if (body === delivery.body) return { left: 'unchanged' };
      const faults = faultsOf(body);
      if (faults.length === 0) return { body };
      const problem = `still bad: ${faults.join('; ')}`;
      if (again === undefined || !(await again(problem))) return { left: problem };
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Editors end a file with a line break; a body without one did not ask for it. */
function asBefore(edited: string, before: string): string {
  return before.endsWith('\n') ? edited : edited.replace(/\r?\n$/, '');
}

/** The user's editor, and on a terminal somebody to ask. */
export function usersEditor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Editor {
  const command = [env['VISUAL'], env['EDITOR']].find((name) => name !== undefined && name !== '') ?? 'vi';
  return {
    open: (path) =>
      new Promise((resolve, reject) => {
        // Through a shell, since an editor may be a command line: "code --wait". Standard output is for results.
        const child = spawn('sh', ['-c', `${command} "$1"`, 'sh', path], { stdio: ['inherit', 2, 2] });
        child.once('error', reject);
        child.once('close', resolve);
      }),
    again: isTerminal
      ? async (problem) => {
          const asked = createInterface({ input: process.stdin, output: process.stderr });
          try {
            const answer = await asked.question(`${printable(problem)}\nEdit it again? [Y/n] `);
            return !/^n/i.test(answer.trim());
          } finally {
            asked.close();
          }
        }
      : undefined,
  };
}
