import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the engines of a machine answer; `slack` is the workspace that stands in for Slack. */
export const endpoints = z.object({ sqs: z.url(), dynamodb: z.url(), slack: z.url() });
export type Endpoints = z.infer<typeof endpoints>;

/** `engines.json` of a data directory: where its engines answer, or last answered, and who they are. */
const runningEngines = z.object({ ...endpoints.shape, pid: z.int().positive() });
export type RunningEngines = z.infer<typeof runningEngines>;

/** What the file says; undefined if there is none that can be read, as before the first run. */
export function readRunning(dataDir: string): RunningEngines | undefined {
  try {
    return runningEngines.parse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || codeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Replaces the file at once: a reader sees the old one or the new one, whole. */
export function writeRunning(dataDir: string, running: RunningEngines): void {
  const next = `${fileOf(dataDir)}.${running.pid}`;
  writeFileSync(next, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  renameSync(next, fileOf(dataDir));
}

/** Whether all engines answer health requests, each within `timeoutMs` of real time. */
export async function answers({ sqs, dynamodb, slack }: Endpoints, timeoutMs: number): Promise<boolean> {
  const healthy = async (url: string, sign: string): Promise<boolean> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      return response.ok && (await response.text()).includes(sign);
    } catch {
      // Whatever keeps it from answering, the answer to the question is no.
      return false;
    }
  };
  const all = await Promise.all([
    healthy(`${sqs}/health`, '"ok"'),
    healthy(dynamodb, 'healthy: dynamodb'),
    healthy(`${slack}/api/api.test`, '"ok":true'),
  ]);
  return all.every(Boolean);
}

/** Whether a process of this machine lives: a port alone could by now be another data directory's. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** The port if it can be listened on now, else 0, which lets the system choose. */
export function freeOr0(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(0);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(port);
      });
    });
  });
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'engines.json');
}

/** The system's name of an error. Not by `instanceof Error`: Node's own errors are of another realm in Jest. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
