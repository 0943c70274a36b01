import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { printable } from '../../printable.ts';
import type { Ending } from '../reports/reports.ts';

type NotStarted = Extract<Ending, { how: 'not started' }>;

/**
 * Why a command cannot be started, before it is tried; undefined: nothing speaks against it. For where a shell
 * starts it, which says so by an exit code alone.
 * 127: there is no such command; 126: there is, but it cannot be run.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html
 */
export function obstacleTo(command: string, path: string): NotStarted | undefined {
  if (command === '') return notStarted(command, { code: 'ENOENT' });
  const places = command.includes('/')
    ? [command]
    : path.split(':').map((folder) => join(folder || '.', command));
  const files = places.filter(isFile);
  const runnable = files.find(isRunnable);
  if (runnable !== undefined)
    return hasInterpreter(runnable) ? undefined : notStarted(runnable, { code: 'ENOENT' });
  const isThere = files.length > 0 || (command.includes('/') && existsSync(command));
  return notStarted(command, { code: isThere ? 'EACCES' : 'ENOENT' });
}

/** What an error at the start of a command means. */
export function notStarted(
  command: string,
  error: { readonly code?: string | undefined; message?: string },
): NotStarted {
  const name = command === '' ? "''" : printable(command);
  const { code, message = '' } = error;
  const isPath = command.includes('/');
  if (code === 'ENOENT' && isPath && existsSync(command))
    return notRun(126, `${name} cannot be run: the interpreter it names is not there`);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return notRun(127, isPath ? `${name}: there is no such file` : `${name}: command not found`);
  if (code === 'EACCES') return notRun(126, `${name} cannot be run: permission denied`);
  return notRun(126, `${name} cannot be run: ${message}`);
}

function notRun(code: 126 | 127, reason: string): NotStarted {
  return { how: 'not started', code, reason };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // Not there, or in a folder that is not for us.
    return false;
  }
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether what a script names in its first line is there. What cannot be read may be a program all the same. */
function hasInterpreter(path: string): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const start = Buffer.alloc(256);
      const text = start.toString('latin1', 0, readSync(file, start));
      const [, interpreter] = /^#![ \t]*(\/[^ \t\n]+)/.exec(text) ?? [];
      return interpreter === undefined || existsSync(interpreter);
    } finally {
      closeSync(file);
    }
  } catch {
    return true;
  }
}
