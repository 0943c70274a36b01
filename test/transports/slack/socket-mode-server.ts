import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { listening } from '../../support/listening.ts';

/** Slack's side of Socket Mode, as far as an app sees it: `apps.connections.open` and the WebSocket it names. */
export type SocketModeServer = {
  /** With a slash at its end, for `apiUrl`. */
  readonly apiUrl: string;
  /** What `apps.connections.open` answers from now on; null: HTTP 503. */
  readonly answerWith: (answer: object | null) => void;
  /** How often a connection was asked for. */
  readonly asked: () => number;
  readonly connections: () => number;
  /** Sends an envelope over every connection. */
  readonly send: (envelope: object) => void;
  /** The acknowledgements that came, by envelope. */
  readonly acks: Map<string, unknown>;
  /** Ends every connection without a word. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
};

const ack = z.object({ envelope_id: z.string(), payload: z.unknown() });
/** RFC 6455, section 1.3. */
const handshake = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

export async function startSocketModeServer(): Promise<SocketModeServer> {
  const sockets = new Set<Socket>();
  const acks = new Map<string, unknown>();
  let asked = 0;
  let answer: object | null | undefined;

  const server = createServer((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    if (answer === null) response.writeHead(503).end();
    else response.end(JSON.stringify(answer ?? { ok: true, url: `ws://127.0.0.1:${port}/link` }));
  });
  server.on('upgrade', (request, socket: Socket) => {
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}${handshake}`).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = readFrames(Buffer.concat([rest, chunk]), (opcode, data) => {
        if (opcode === opcodes.ping) socket.write(frame(opcodes.pong, data));
        if (opcode === opcodes.close) socket.end(frame(opcodes.close, data));
        if (opcode !== opcodes.text) return;
        const { envelope_id, payload } = ack.parse(JSON.parse(data.toString()));
        acks.set(envelope_id, payload);
      });
    });
    socket.write(frame(opcodes.text, Buffer.from(JSON.stringify({ type: 'hello' }))));
  });
  const port = await listening(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    answerWith: (given) => {
      answer = given;
    },
    asked: () => asked,
    connections: () => sockets.size,
    send: (envelope) => {
      for (const socket of sockets) socket.write(frame(opcodes.text, Buffer.from(JSON.stringify(envelope))));
    },
    acks,
    cut,
    stop: async () => {
      cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An unmasked frame of less than 64 kB. RFC 6455, section 5.2. */
function frame(opcode: number, data: Buffer): Buffer {
  const short = data.length < 126;
  const head = Buffer.alloc(short ? 2 : 4);
  head[0] = 0x80 | opcode;
  head[1] = short ? data.length : 126;
  if (!short) head.writeUInt16BE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** Reads whole masked frames; what is left of the buffer waits for more. */
function readFrames(buffer: Buffer, take: (opcode: number, data: Buffer) => void): Buffer<ArrayBuffer> {
  let rest = Buffer.from(buffer);
  for (;;) {
    if (rest.length < 2) return rest;
    const length = rest.readUInt8(1) & 0x7f;
    const start = length === 126 ? 4 : 2;
    if (rest.length < start) return rest;
    const size = length === 126 ? rest.readUInt16BE(2) : length;
    const end = start + 4 + size;
    if (rest.length < end) return rest;
    const mask = rest.subarray(start, start + 4);
    const data = Buffer.from(
      rest.subarray(start + 4, end).map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
    );
    take(rest.readUInt8(0) & 0x0f, data);
    rest = Buffer.from(rest.subarray(end));
  }
}
