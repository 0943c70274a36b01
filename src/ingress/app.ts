import type { RequestListener } from 'node:http';
import express, { type Request, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { requireKey, requireScope, type Authenticate } from './authentication.ts';
import { jsonBody } from './body.ts';
import { keyOf } from './context.ts';
import { correlate } from './correlation.ts';
import { answerErrors, HttpError } from './http-errors.ts';
import { chargeByKey, limitByKey, type FailureLimiter } from './rate-limit/limiter.ts';
import type { RollingStore } from './rate-limit/rolling-window.ts';
import { refuseUnreadable, withOriginForm } from './request-target.ts';
import { receiveBatch } from './routes/batch.ts';
import { getBoard, listBoards } from './routes/boards.ts';
import { getCalendar, listCalendars, removeCalendar, setCalendar } from './routes/calendars.ts';
import { getExpectation, removeExpectation, setExpectation } from './routes/expectations.ts';
import { getHistory } from './routes/history.ts';
import { endMaintenance, listMaintenance, planMaintenance } from './routes/maintenance.ts';
import { getNight } from './routes/nights.ts';
import { recordHeartbeat, reportStatus } from './routes/reports.ts';
import { getRuns } from './routes/runs.ts';
import { getScheduler, listSchedulers, registerScheduler, removeScheduler } from './routes/schedulers.ts';
import type { IngressService } from './service.ts';

export type Api = {
  readonly service: IngressService;
  readonly authenticate: Authenticate;
  readonly failures: FailureLimiter;
  readonly rateStore: RollingStore;
};

export type AppOptions = {
  /** A process without the role ingress has none. */
  readonly api: Api | undefined;
  readonly health: RequestHandler;
  /** Takes what Slack sends, where this process also speaks to Slack. */
  readonly slack?: RequestHandler | undefined;
  readonly trustProxy: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

type Method = 'get' | 'put' | 'post' | 'delete';

/** The HTTP face of Ronda, as docs/http.md promises it. Listens to nothing by itself. */
export function createApp(options: AppOptions): RequestListener {
  const { clock, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trust(options.trustProxy));
  app.use(correlate(log, clock), helmet(), storeNothing, refuseUnreadable);
  app.use('/health', options.health);
  app.all(['/health/live', '/health/ready', '/health/system'], refuseMethod('GET, HEAD'));

  if (options.slack !== undefined) app.use(options.slack);

  if (options.api !== undefined) app.use('/api/v1', routes(options.api, clock, log));

  app.use((request) => {
    throw new HttpError(404, `Nothing is at ${request.method} ${request.path}`);
  });
  app.use(answerErrors(clock));
  return withOriginForm(app);
}

/** What a key may read is for its bearer alone, and what health says holds for a moment. */
const storeNothing: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

function routes({ service, authenticate, failures, rateStore }: Api, clock: Clock, log: Logger): Router {
  const api = express.Router({ caseSensitive: true });
  api.use(requireKey(authenticate, failures));
  const limits = { store: rateStore, keyOf: (request: Request) => keyOf(request).key_id, clock, log };
  api.use(limitByKey(limits));
  const charge = chargeByKey(limits);

  const body = jsonBody('64kb');
  const ingest = requireScope('ingest');
  const read = requireScope('read');
  const admin = requireScope('admin');

  const one = { get: [read, getScheduler(service, charge)], delete: [admin, removeScheduler(service)] };
  route(api, '/schedulers', { get: [read, listSchedulers(service)] });
  // A scheduler may be called "register": it too can be read and removed.
  route(api, /^\/schedulers\/(?<id>register)\/?$/, {
    ...one,
    post: [ingest, ...body, registerScheduler(service)],
  });
  route(api, '/schedulers/:id', one);
  route(api, '/schedulers/:id/status', { put: [ingest, ...body, reportStatus(service)] });
  route(api, '/schedulers/:id/heartbeat', { post: [ingest, ...body, recordHeartbeat(service)] });
  route(api, '/schedulers/:id/history', { get: [read, getHistory(service)] });
  route(api, '/schedulers/:id/runs', { get: [read, getRuns(service)] });
  route(api, '/schedulers/:id/expectation', {
    get: [read, getExpectation(service)],
    put: [ingest, ...body, setExpectation(service)],
    delete: [ingest, removeExpectation(service)],
  });
  route(api, '/calendars', { get: [admin, listCalendars(service)] });
  route(api, '/calendars/:name', {
    get: [admin, getCalendar(service)],
    put: [admin, ...body, setCalendar(service)],
    delete: [admin, removeCalendar(service)],
  });
  route(api, '/maintenance', {
    get: [admin, listMaintenance(service)],
    post: [admin, ...body, planMaintenance(service)],
  });
  route(api, '/maintenance/:id', { delete: [admin, endMaintenance(service)] });
  route(api, '/nights/:date', { get: [read, getNight(service)] });
  route(api, '/boards', { get: [read, listBoards(service, charge)] });
  route(api, '/boards/:name', { get: [read, getBoard(service, charge)] });
  route(api, '/events', { post: [ingest, ...jsonBody('1mb'), receiveBatch(service)] });
  return api;
}

/** One path with all its methods; any other is a 405 that says which there are. */
function route(
  api: Router,
  path: string | RegExp,
  handlers: Partial<Record<Method, RequestHandler[]>>,
): void {
  const at = api.route(path);
  const allowed: string[] = [];
  for (const method of ['get', 'put', 'post', 'delete'] as const) {
    const chain = handlers[method];
    if (chain === undefined) continue;
    at[method](...chain);
    allowed.push(...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  }
  at.all(refuseMethod(allowed.join(', ')));
}

function refuseMethod(allow: string): RequestHandler {
  return (request) => {
    const path = request.originalUrl.split('?', 1).join('');
    throw new HttpError(405, `${request.method} is not for ${path}`, { Allow: allow });
  };
}

/** `TRUST_PROXY` in Express's terms: a number of hops, or names and networks. https://expressjs.com/en/guide/behind-proxies.html */
function trust(setting: string | undefined): boolean | number | string {
  if (setting === undefined || setting === 'false') return false;
  if (setting === 'true') return true;
  return /^\d+$/.test(setting) ? Number(setting) : setting;
}
