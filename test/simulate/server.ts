import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { listening } from '../support/listening.ts';

const bodyShape = z.looseObject({
  scheduler_id: z.string(),
  timestamp: z.string(),
  status: z.string().optional(),
});

/** A request as a stand-in for Ronda saw it. */
export type Seen = {
  readonly method: string;
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly key: string | undefined;
  readonly body: z.infer<typeof bodyShape>;
};

export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type StandIn = {
  readonly url: string;
  /** Everything that was asked, in the order of arrival. */
  readonly seen: readonly Seen[];
  readonly stop: () => Promise<void>;
};

/** An HTTP server in Ronda's place. `answer` decides each reply; 'drop' ends the connection without one. */
export async function startStandIn(
  answer: (request: Seen, n: number) => Reply | 'drop' | Promise<Reply | 'drop'>,
): Promise<StandIn> {
  const seen: Seen[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: string[] = [];
    for await (const chunk of request.setEncoding('utf8')) chunks.push(String(chunk));
    const { method = '', url = '', headers } = request;
    if (url === '/health/live') {
      response.end('{}');
      return;
    }
    const key = headers['x-api-key'];
    const one: Seen = {
      method,
      path: url.replace('/api/v1', ''),
      key: Array.isArray(key) ? key[0] : key,
      body: bodyShape.parse(JSON.parse(chunks.join(''))),
    };
    seen.push(one);
    const reply = await answer(one, seen.length);
    if (reply === 'drop') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(JSON.stringify(reply.body ?? {}));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
