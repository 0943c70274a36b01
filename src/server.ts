import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import { pause } from './clock.ts';
import { UsageError } from './errors.ts';

/** What is being answered when the server stops may take this long. Real ms. */
const requestPatienceMs = 5_000;
/** A client that sends its request slower than this is not waited for. Real ms. */
const requestTimeoutMs = 30_000;

/**
 * Serves an app over HTTP. `port` 0 picks a free one.
 * @throws UsageError when it cannot listen there
 */
export async function serve(
  app: Express,
  { host, port: wanted }: { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new UsageError(`HTTP cannot listen on ${host}:${wanted}: ${error.message}. Set PORT or HOST.`));
    });
    server.listen(wanted, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  return { url: `http://${host}:${port}`, stop: () => close(server) };
}

/** Answers what has begun, takes nothing new. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const patience = new AbortController();
  await Promise.race([closed, pause(requestPatienceMs, patience.signal)]);
  patience.abort();
  server.closeAllConnections();
}
