declare module 'dynalite' {
  import type { Server } from 'node:http';

  type Options = {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
  };

  /** An HTTP server that closes its store when it is closed; without `path` the store is in memory. */
  export default function dynalite(options?: Options): Server;
}
