import type { Server } from 'node:net';

/** Lets a server listen on a free port of this machine, and gives the port. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the server listens on no port');
}
