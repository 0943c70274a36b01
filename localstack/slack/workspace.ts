import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Clock } from '../../src/clock.ts';
import { loopbackNames, refusalOf, type Guard } from '../request-guard.ts';
import { createCallLog } from './api/call-log.ts';
import { control } from './control.ts';
import { createFaults } from './api/faults.ts';
import { openJournal } from './journal.ts';
import { page } from './page.ts';
import { createResponseUrls } from './response-urls.ts';
import { ui } from './ui.ts';
import { webApi } from './api/web-api.ts';
import { openWorld } from './world.ts';

export type WorkspaceOptions = {
  /** 0: any free one. */
  readonly port: number;
  readonly host?: string;
  /** Further names under which it may be asked, where it listens at another address than loopback. */
  readonly allowHosts?: readonly string[];
  /** Keeps everything over restarts; without it, memory alone. */
  readonly dir?: string | undefined;
  /** What the app proves itself by, and the workspace to the app. */
  readonly token: string;
  readonly signingSecret: string;
  readonly clock: Clock;
};

export type RunningWorkspace = {
  /** Without a slash at its end; the Web API is at `url + '/api/'`. */
  readonly url: string;
  /** Cuts every connection and closes the journal. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts the local Slack workspace: Web API, page, people, control. Whatever it has answered survives its death.
 * @throws Error when the port is taken or the directory's journal cannot be read
 */
export async function startWorkspace(options: WorkspaceOptions): Promise<RunningWorkspace> {
  const { host = '127.0.0.1', token, signingSecret, clock } = options;
  const journal = openJournal(options.dir);
  const world = openWorld(journal, clock);
  const stopping = new AbortController();
  let url = '';
  const urlOf = (): string => url;
  const faults = createFaults();
  const calls = createCallLog(clock);
  const responses = createResponseUrls(world, urlOf);

  const app = createApp([...loopbackNames, ...(options.allowHosts ?? [])]);
  app.use('/api', webApi({ world, token, faults, calls, url: urlOf, signal: stopping.signal }));
  app.post('/response/:id', express.json({ limit: '2mb' }), (request, response) => {
    const done = responses.use(request.params.id, request.body);
    response.status(done.ok ? 200 : 400).json(done);
  });
  const body = [requireJson, express.json({ limit: '2mb' })];
  app.use('/control', body, control({ world, faults, calls, signingSecret }));
  app.use('/ui', body, ui({ world, responses }));
  app.use(page());
  app.use((_request, response) => {
    response.status(404).json({ ok: false, error: 'not_found' });
  });
  app.use(answerErrors);

  const server = createServer(app);
  try {
    url = `http://${host}:${await listen(server, options.port, host)}`;
  } catch (error) {
    journal.close();
    throw error;
  }
  return {
    url,
    stop: async () => {
      stopping.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      journal.close();
    },
  };
}

function createApp(hosts: readonly string[]): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'self'"],
          'base-uri': ["'none'"],
          'form-action': ["'self'"],
          'frame-ancestors': ["'none'"],
        },
      },
      // Plain HTTP on this machine: there is no TLS to insist on.
      strictTransportSecurity: false,
    }),
    refuseStrangers({ hosts, ownPages: true, forms: true }),
  );
  return app;
}

function refuseStrangers(guard: Guard): RequestHandler {
  return (request, response, next) => {
    const refusal = refusalOf(request, guard);
    if (refusal === undefined) next();
    else response.status(refusal.status).json({ ok: false, error: refusal.error });
  };
}

/** What changes something comes as JSON: a foreign site cannot send that without asking first, and is refused. */
const requireJson: RequestHandler = (request, response, next) => {
  // A DELETE, with or without a body, is asked for beforehand in any case.
  if (request.method !== 'POST' || request.is('application/json') === 'application/json') next();
  else response.status(415).json({ ok: false, error: 'json_expected' });
};

const answerErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) next(error);
  else {
    // What Express and its parsers throw carries a status: the caller's doing.
    const isCallers = error instanceof Error && 'status' in error;
    response.status(isCallers ? 400 : 500).json({
      ok: false,
      error: isCallers ? 'invalid_body' : 'fatal_error',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
};

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the workspace listens on no port'));
    });
  });
}
