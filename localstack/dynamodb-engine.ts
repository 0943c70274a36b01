import { once } from 'node:events';
import dynalite from 'dynalite';
import { pause } from '../src/clock.ts';
import { guardServer } from './request-guard.ts';
import { engineGuard, type Engine } from './sqs-engine.ts';

/** What requests in flight get to end by themselves, ms. */
const closeGraceMs = 1_500;

/**
 * Starts dynalite on loopback; port 0 picks a free one. Without `path` it keeps nothing.
 * A new table is active within milliseconds, though not yet when CreateTable answers.
 * @throws what listening throws, `EADDRINUSE` for one
 */
export async function startDynamodb(port: number, path?: string): Promise<Engine> {
  const server = dynalite({
    createTableMs: 0,
    updateTableMs: 0,
    deleteTableMs: 0,
    ...(path === undefined ? {} : { path }),
  });
  // dynalite tells that time to live is off, and knows no way to turn it on.
  guardServer(server, { ...engineGuard, unknown: ['DescribeTimeToLive'] });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite has no port');

  const stop = async (): Promise<void> => {
    const grace = new AbortController();
    void pause(closeGraceMs, grace.signal).then(() => {
      server.closeAllConnections();
    });
    await new Promise<void>((resolve, reject) => {
      server.close((error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
    grace.abort();
  };
  return { url: `http://127.0.0.1:${address.port}`, stop };
}
