import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { pause, within } from './clock.ts';
import { UsageError } from './errors.ts';

/** Longer than load balancers keep idle connections (AWS: 60 s), so that it is they who close them. Real ms. */
const keepAliveMs = 75_000;
/** Counted from the end of the request before, so longer than a connection may idle. Real ms. */
const headersTimeoutMs = keepAliveMs + 5_000;
/** A client that sends its request slower than this is not waited for. Real ms. */
const requestTimeoutMs = 30_000;
/** A connection that was silent for so long has no request on its way. Real ms. */
const idleMs = 1_000;
/** What is being answered when the server stops may take this long. Real ms. */
const answerTimeoutMs = 5_000;
/** For so long nobody must have connected before it takes no further connection; it looks so often. Real ms. */
const lookMs = 200;
const maxLooks = 5;

export type Serving = {
  readonly url: string;
  /**
   * Goes on taking requests for the time of the drain, every answer closing its connection, then takes no further
   * connection, and resolves when all that was received is answered, or 7 s later.
   */
  readonly stop: () => Promise<void>;
};

/**
 * Serves an app over HTTP. `port` 0 picks a free one.
 * @throws UsageError when it cannot listen there
 */
export async function serve(
  app: RequestListener,
  options: {
    readonly host: string;
    readonly port: number;
    readonly drainMs: number;
    /** The whole answer to bytes that are no request, or never become one. */
    readonly answerBroken: (error: Error) => string;
  },
): Promise<Serving> {
  const { host, port: wanted, drainMs, answerBroken } = options;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // Node would answer a request without one itself, past the app.
    requireHostHeader: false,
  });
  // As an option it would have to stay below the time-out of a whole request, which holds for headers too.
  server.headersTimeout = headersTimeoutMs;
  const connections = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  let accepted = 0;
  let isStopping = false;
  server.on('connection', (socket) => {
    accepted += 1;
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (_request, response) => {
    if (isStopping) response.setHeader('Connection', 'close');
    answering.add(response);
    response.once('close', () => answering.delete(response));
  });
  server.on('request', app);
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (error, socket) => {
    const isAnswered = [...answering].some((response) => response.socket === socket && response.headersSent);
    if (!socket.writable || isAnswered) socket.destroy();
    else socket.end(answerBroken(error), () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new UsageError(`HTTP cannot listen on ${host}:${wanted}: ${error.message}. Set PORT or HOST.`));
    });
    server.listen(wanted, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    isStopping = true;
    for (const response of answering) if (!response.headersSent) response.setHeader('Connection', 'close');
    await pause(drainMs);
    // A connection that waits to be accepted would be reset with its request: node accepts few at a time.
    for (let looks = 0, before = -1; looks < maxLooks && before !== accepted; looks += 1) {
      before = accepted;
      await pause(lookMs);
    }
    const closed = closeListener(server);
    await within(idleMs, closed);
    server.closeIdleConnections();
    // One that has never said anything does not count as idle.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    await within(answerTimeoutMs, closed);
    server.closeAllConnections();
  };
  return { url: `http://${host}:${port}`, stop: () => (stopping ??= stop()) };
}

/**
 * Takes no further connection; resolves when the last one has ended. `server.close()` of node:http would cut idle
 * connections at once, those too whose next request is on its way.
 */
function closeListener(server: Server): Promise<void> {
  return new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => {
      resolve();
    });
  });
}
