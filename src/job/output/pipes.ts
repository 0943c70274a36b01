import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Our end of a pipe. `fd` is the socket's, and does not block; `spare` is another opening of the same end, which
 * does: whoever inherits it is not troubled by how we read.
 */
export type Reader = { readonly socket: Socket; readonly fd: number; readonly spare: number };

/** `writer` is the job's end. */
export type Pipe = { readonly reader: Reader; readonly writer: number };

export type Pipes = { readonly out: Pipe; readonly err: Pipe; readonly closeWriters: () => void };

/**
 * Two pipes, for standard output and standard error. What Node makes for a child is a pair of sockets: to open
 * `/dev/stderr`, as many a shell script does, fails on a socket. Node has no pipe(2), but a FIFO whose name is
 * taken away once it is open is one.
 * @returns undefined where none can be made (no mkfifo, nowhere to write)
 */
export function createPipes(): Pipes | undefined {
  for (const parent of new Set([tmpdir(), '/tmp', '/dev/shm'])) {
    const pipes = createPipesIn(parent);
    if (pipes !== undefined) return pipes;
  }
  return undefined;
}

function createPipesIn(parent: string): Pipes | undefined {
  let folder: string | undefined;
  const opened: number[] = [];
  const open = (path: string, flags: number): number => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  try {
    folder = mkdtempSync(join(parent, 'ronda-run-'));
    const paths = [join(folder, 'out'), join(folder, 'err')] as const;
    const made = spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore', cwd: '/' });
    if (made.status !== 0) return undefined;
    const [out, err] = [openPipe(paths[0], open), openPipe(paths[1], open)];
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
function openPipe(path: string, open: (path: string, flags: number) => number): Pipe {
  const fd = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = open(path, constants.O_WRONLY);
  const spare = open(path, constants.O_RDONLY);
  return { reader: { socket: new Socket({ fd, readable: true, writable: false }), fd, spare }, writer };
}
