import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startFauxqs } from 'fauxqs';
import { guardServer, loopbackNames, type Guard } from './request-guard.ts';

/** An engine that answers at `url` until it is stopped. */
export type Engine = {
  readonly url: string;
  readonly stop: () => Promise<void>;
};

const loopback = '127.0.0.1';
/** AWS's clients send JSON, and no page of the engines' own asks anything. */
export const engineGuard: Guard = { hosts: loopbackNames, ownPages: false, forms: false };

/**
 * Starts fauxqs on loopback; port 0 picks a free one. Without `dataDir` it keeps nothing.
 * @throws what listening throws, `EADDRINUSE` for one
 */
export async function startSqs(port: number, dataDir?: string): Promise<Engine> {
  const server = await onLoopback(() =>
    startFauxqs({ port, logger: false, ...(dataDir === undefined ? {} : { dataDir }) }),
  );
  if (new URL(server.address).hostname !== loopback) {
    await server.stop();
    throw new Error(`fauxqs listens on ${server.address} instead of loopback alone`);
  }
  if (dataDir !== undefined) allowVisibilityReset(dataDir);
  return { url: server.address, stop: () => server.stop() };
}

/**
 * A message that is given back at once (visibility time-out 0) is lost to fauxqs 2.4.1 until it starts again: in
 * `updateMessageReady` it sets the count of receives to NULL, which its own table refuses, after it has forgotten who
 * had the message. A trigger in its database carries out what is meant instead, and keeps the counts as they are.
 */
function allowVisibilityReset(dataDir: string): void {
  const database = new DatabaseSync(join(dataDir, 'fauxqs.db'));
  database.exec(`CREATE TRIGGER IF NOT EXISTS visibility_reset BEFORE UPDATE ON sqs_messages
    WHEN NEW.approximate_receive_count IS NULL BEGIN
      UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = OLD.message_id;
      SELECT RAISE(IGNORE);
    END`);
  database.close();
}

/**
 * fauxqs listens on 0.0.0.0 whatever its options say, and would serve the queues to the whole network.
 * Fastify announces each new server (https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks);
 * ours is made before `start` first yields, so no other server can be caught in between.
 */
function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  subscribe('fastify.initialization', bindToLoopback);
  try {
    return start();
  } finally {
    unsubscribe('fastify.initialization', bindToLoopback);
  }
}

function bindToLoopback(announced: unknown): void {
  if (!isObject(announced) || !('fastify' in announced)) return;
  const { fastify } = announced;
  if (!isObject(fastify) || !('listen' in fastify) || typeof fastify.listen !== 'function') return;
  const { listen } = fastify;
  if ('server' in fastify && isServer(fastify.server)) guardServer(fastify.server, engineGuard);
  fastify.listen = (options: object): unknown => {
    const listening: unknown = Reflect.apply(listen, fastify, [{ ...options, host: loopback }]);
    return listening;
  };
}

function isServer(value: unknown): value is Server {
  return value instanceof Server;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
