import { connect, createServer, type Socket } from 'node:net';
import { listening } from './listening.ts';

/** A TCP proxy in front of a server that a test takes away from its clients, and gives back. */
export type Proxy = {
  readonly url: string;
  /** Ends every connection and ends new ones at once, as a server that is down. */
  readonly cut: () => void;
  /** Keeps connections open, takes new ones, and lets nothing through, as a server that hangs. */
  readonly hang: () => void;
  /** Lets everything through again; connections that hung are ended. */
  readonly rebuild: () => void;
  /** How many connections were tried while it was cut or hung. */
  readonly refused: () => number;
  readonly stop: () => Promise<void>;
};

/** Starts it on a free port of its own. `target` is a URL like `http://127.0.0.1:8000`. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let mode: 'open' | 'cut' | 'hung' = 'open';
  let refused = 0;

  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (mode === 'open') to.write(chunk);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    if (mode !== 'open') refused += 1;
    if (mode === 'cut') {
      client.on('error', () => undefined);
      client.destroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    pipe(client, upstream);
    pipe(upstream, client);
  });
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const url = `http://127.0.0.1:${await listening(server)}`;

  return {
    url,
    cut: () => {
      mode = 'cut';
      endAll();
    },
    hang: () => {
      mode = 'hung';
    },
    rebuild: () => {
      if (mode === 'hung') endAll();
      mode = 'open';
    },
    refused: () => refused,
    stop: async () => {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
