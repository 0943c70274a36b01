import { Agent, createServer, request, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listening } from './listening.ts';

/** A call as its client sent it. */
export type Call = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** `drop` cuts the client off: before, the server never hears of the call; after, the answer is lost. */
export type Verdict = 'pass' | 'drop';

/**
 * Asked about every call twice: before it goes to the server, and when the server's answer is there. The call, or
 * the answer, waits for the verdict. What passes `before` reaches the server even if its client has died meanwhile.
 */
export type Watcher = (call: Call, stage: 'before' | 'after') => Verdict | Promise<Verdict>;

export type HttpProxy = {
  /** Without a slash at its end. */
  readonly url: string;
  /** Cuts every connection. */
  readonly stop: () => Promise<void>;
};

type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** Starts, on a free port, a proxy that understands HTTP. `target` is a URL like `http://127.0.0.1:8000`. */
export async function startHttpProxy(target: string, watch: Watcher): Promise<HttpProxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, response) => {
    const carry = async (): Promise<void> => {
      const sent = await buffer(incoming);
      const { url: path = '/', method = 'GET', headers } = incoming;
      const call = { path, headers, body: sent.toString() };
      if ((await watch(call, 'before')) === 'drop') {
        response.destroy();
        return;
      }
      const reply = await pass(new URL(path, target), method, headers, sent, agent);
      if ((await watch(call, 'after')) === 'drop') response.destroy();
      else answer(response, reply);
    };
    // A server that is gone looks to the client as if it were asked directly.
    carry().catch(() => response.destroy());
  });
  const port = await listening(server);

  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

function pass(
  url: URL,
  method: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
  agent: Agent,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const upstream = request(url, { method, agent, headers: { ...endToEnd(headers), ...lengthOf(body) } });
    upstream.on('error', reject);
    upstream.on('response', (response) => {
      const { statusCode: status = 502, headers: given } = response;
      buffer(response).then((read) => {
        resolve({ status, headers: given, body: read });
      }, reject);
    });
    upstream.end(body);
  });
}

function answer(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, { ...endToEnd(headers), ...lengthOf(body) });
  response.end(body);
}

/** What the two ends of a connection say to each other: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

function lengthOf(body: Buffer): { 'content-length': string } {
  return { 'content-length': String(body.length) };
}
