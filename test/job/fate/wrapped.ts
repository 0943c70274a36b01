import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStandIn, type Reply, type Seen, type StandIn } from '../../simulate/server.ts';

const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const launcher = fileURLToPath(new URL('../../../bin/ronda-run', import.meta.url));

/** The two ways to wrap a job, as words of a shell's command. */
export const byNode = `'${process.execPath}' '${cli}' run`;
export const byLauncher = `'${launcher}'`;
export const bothWays = [
  ['ronda run', byNode],
  ['ronda-run', byLauncher],
] as const;

export const key = 'ronda_abcdefghijkl_0123456789-0123456789_01234567890123456789_';

export type World = {
  /** A temporary directory of this test's own; the spool is `spool` in it. */
  readonly folder: string;
  readonly server: StandIn;
  readonly env: Record<string, string>;
  /** What was reported so far, without heartbeats. */
  readonly statuses: () => (string | undefined)[];
};

/** A stand-in for Ronda, and the settings that lead there. */
export async function openWorld(
  after: (step: () => unknown) => void,
  answer: (request: Seen, n: number) => Reply | 'drop' | Promise<Reply | 'drop'> = () => ({ status: 200 }),
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'ronda-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const server = await startStandIn(answer);
  after(server.stop);
  return {
    folder,
    server,
    env: {
      PATH: process.env['PATH'] ?? '',
      RONDA_URL: server.url,
      RONDA_API_KEY: key,
      RONDA_SPOOL_DIR: join(folder, 'spool'),
    },
    statuses: () => server.seen.flatMap(({ body }) => body.status ?? []),
  };
}

export type Shell = {
  readonly pid: number;
  readonly out: () => string;
  readonly err: () => string;
  readonly kill: (signal: NodeJS.Signals | number) => void;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
};

/** Runs a bash script, in which the way to wrap stands as `WRAP`. It ends when whoever holds its outputs has. */
export function shell(script: string, way: string, env: Readonly<Record<string, string>>, cwd = '/'): Shell {
  const child = spawn('bash', ['-c', script.replaceAll('WRAP', way)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    cwd,
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('latin1').on('data', (more: string) => {
    text.out += more;
  });
  child.stderr.setEncoding('latin1').on('data', (more: string) => {
    text.err += more;
  });
  return {
    pid: child.pid ?? 0,
    out: () => text.out,
    err: () => text.err,
    kill: (signal) => {
      process.kill(child.pid ?? 0, signal);
    },
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        resolve({ code, signal, ...text });
      });
    }),
  };
}
