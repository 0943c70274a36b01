import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/** Keeps what only programs of this machine may ask from the pages that its browsers show. */

export const loopbackNames: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

export type Guard = {
  /** Names under which the server may be asked: a foreign site whose name resolves here (DNS rebinding) has another. */
  readonly hosts: readonly string[];
  /** Whether a page of the server's own may ask. */
  readonly ownPages: boolean;
  /** Whether bodies that a page can send without asking first may come. */
  readonly forms: boolean;
  /** Operations of AWS that the server is not to know. */
  readonly unknown?: readonly string[];
};

/** What a browser sends across origins without a preflight. https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const formTypes = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(?:;|$)/i;

/** Why a request is refused, with its status; undefined where it may pass. Pure. */
export function refusalOf(
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  { hosts, ownPages, forms, unknown = [] }: Guard,
): { readonly status: number; readonly error: string } | undefined {
  if (!hosts.includes(hostName(headers.host))) return { status: 421, error: 'unknown_host' };
  const { origin } = headers;
  const isOwn = ownPages && origin === `http://${headers.host ?? ''}`;
  // Browsers name the site that asks; programs name none.
  if (origin !== undefined && !isOwn) return { status: 403, error: 'unknown_origin' };
  const isForm = method === 'POST' && formTypes.test(headers['content-type'] ?? 'text/plain');
  if (isForm && !forms) return { status: 415, error: 'unsupported_content_type' };
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  return unknown.includes(operation) ? { status: 400, error: 'UnknownOperationException' } : undefined;
}

/** Puts a guard before everything that a server does with requests. */
export function guardServer(server: Server, guard: Guard): void {
  const handlers = server.listeners('request').filter(isListener);
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request, guard);
    if (refusal === undefined) {
      for (const handle of handlers) handle.call(server, request, response);
      return;
    }
    response.writeHead(refusal.status, { 'content-type': 'application/json', connection: 'close' });
    // `__type` is where AWS's clients look.
    response.end(JSON.stringify({ ok: false, error: refusal.error, __type: refusal.error }));
  });
}

function isListener(listener: unknown): listener is RequestListener {
  return typeof listener === 'function';
}

/** The name in a `Host` header, without its port. */
function hostName(host = ''): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}
