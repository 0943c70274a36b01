import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One end of a job's output for us to read, the other for the job to write to. */
export type Pipe = { readonly reader: Socket; readonly writer: number };

/**
 * Two pipes, for standard output and standard error. What Node makes for a child is a pair of sockets: to open
 * `/dev/stderr`, as many a shell script does, fails on a socket. Node has no pipe(2), but a FIFO whose name is
 * taken away once it is open is one.
 * @returns undefined where none can be made (no mkfifo, nowhere to write): then sockets have to do
 */
export function createPipes():
  { readonly out: Pipe; readonly err: Pipe; readonly closeWriters: () => void } | undefined {
  let folder: string | undefined;
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    folder = mkdtempSync(join(tmpdir(), 'ronda-run-'));
    const paths = [join(folder, 'out'), join(folder, 'err')] as const;
    const made = spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' });
    if (made.status !== 0) return undefined;
    const [out, err] = [endsOf(paths[0], open), endsOf(paths[1], open)];
    return {
      out,
      err,
      closeWriters: () => {
        closeSync(out.writer);
        closeSync(err.writer);
      },
    };
  } catch {
    for (const fd of opened) closeSync(fd);
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** To open a FIFO waits for its other end, except for a reader that does not block. */
function endsOf(path: string, open: (path: string, flags: number) => number): Pipe {
  const reading = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = open(path, constants.O_WRONLY);
  return { reader: new Socket({ fd: reading, readable: true, writable: false }), writer };
}
