import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterAll } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { webhookPayload, type WebhookPayload } from '../../../src/transports/webhook/payload.ts';

/** A receiver of webhooks on this machine, which checks signatures with the reference library of Standard Webhooks. */

export const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const nextSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

export type Received = { readonly id: string; readonly payload: WebhookPayload };

export type Receiver = {
  readonly url: string;
  /** What came with a signature that holds, oldest first. */
  readonly received: readonly Received[];
  /** What each further request is answered; a promise is waited for. 204 at first. */
  answer: (payload: WebhookPayload) => number | Promise<number>;
  /** Further headers of answers. */
  headers: Record<string, string>;
};

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function isSigned(
  known: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  checksTime: boolean,
): boolean {
  const {
    'webhook-id': id = '',
    'webhook-timestamp': at = '',
    'webhook-signature': signatures = '',
  } = headers;
  const webhook = new Webhook(known);
  if (!checksTime)
    return signatures.split(' ').includes(webhook.sign(id, new Date(Number(at) * 1_000), body));
  try {
    webhook.verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}

/** @param checksTime whether, as receivers should, it refuses what was signed more than five minutes ago or ahead */
export async function openReceiver({ known = secret, checksTime = true } = {}): Promise<Receiver> {
  const received: Received[] = [];
  const answer = async (
    request: { headers: NodeJS.Dict<string | string[]> },
    body: string,
    response: ServerResponse,
  ) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    if (!isSigned(known, headers, body, checksTime)) {
      response.writeHead(401).end();
      return;
    }
    const payload = webhookPayload.parse(JSON.parse(body));
    received.push({ id: headers['webhook-id'] ?? '', payload });
    response.writeHead(await receiver.answer(payload), receiver.headers).end('noted');
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => void answer(request, body, response));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: () => 204,
    headers: {},
  };
  return receiver;
}
