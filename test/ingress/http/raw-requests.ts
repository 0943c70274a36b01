import { connect } from 'node:net';
import { bootstrapKey } from '../../support/harness.ts';

/**
 * Sends bytes as they are, for what no HTTP client would send; gives the whole answer as text.
 * `thenEnd` hangs up behind them.
 */
export async function sendRaw(
  url: string,
  lines: readonly string[],
  body: Buffer | string = '',
  { thenEnd = false } = {},
): Promise<string> {
  const { port, hostname } = new URL(url);
  const bytes = Buffer.from(body);
  const framed =
    bytes.length === 0 || lines.some((line) => /^(transfer-encoding|content-length):/i.test(line));
  const head = [
    ...lines,
    `Host: ${hostname}`,
    'Connection: close',
    ...(framed ? [] : [`Content-Length: ${bytes.length}`]),
  ];
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('data', (chunk) => {
      chunks.push(Buffer.from(chunk));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString());
    });
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
    if (thenEnd) socket.end();
  });
}

/** Sends a body of bytes with the bootstrap key. */
export async function sendBytes(
  url: string,
  method: string,
  path: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { 'x-api-key': bootstrapKey, 'content-type': 'application/json', ...headers },
    body,
  });
  const json: unknown = await response.json();
  return { status: response.status, json };
}
