import express, { type RequestHandler, type Response } from 'express';
import { remembered } from '../clock.ts';
import type { Logger } from '../log.ts';
import { carryOut, type Verdicts } from './checks.ts';
import { readyChecks, type ReadyParts } from './ready.ts';
import { systemChecks, type SystemParts } from './system.ts';

export type HealthOptions = Omit<ReadyParts, 'eventsUrl'> &
  SystemParts & {
    readonly log: Logger;
    /** Whether this process is about to end: then it is not ready, while it still answers. */
    readonly isDraining?: () => boolean;
  };

/** Whoever may ask can ask often: a look is good for so long. Real ms. */
const readyMs = 1_000;
const systemMs = 2_000;

/**
 * `/live`: the process answers. `/ready`: so does all that it needs for its own work. `/system`: the whole watch is well.
 * Otherwise 503, with what fails by name.
 */
export function healthRoutes(options: HealthOptions): RequestHandler {
  const { store, queues, isDraining = () => false } = options;
  const ready = readyChecks({ ...options, eventsUrl: queues.events.url });
  const system = systemChecks(options);
  const lookReady = remembered(store.clock, readyMs, (log: Logger) => carryOut(ready, log));
  const lookSystem = remembered(store.clock, systemMs, (log: Logger) => carryOut(system(), log));
  const logOf = (response: Response): Logger => {
    const correlation_id = response.getHeader('x-correlation-id');
    return options.log.child(correlation_id === undefined ? {} : { correlation_id });
  };
  const router = express.Router();
  router.get('/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/ready', async (_request, response) => {
    answer(response, isDraining() ? draining : await lookReady(logOf(response)));
  });
  router.get('/system', async (_request, response) => {
    answer(response, await lookSystem(logOf(response)));
  });
  return router;
}

const draining: Verdicts = { draining: 'this process is stopping' };

function answer(response: Response, checks: Verdicts): void {
  const isWell = Object.values(checks).every((verdict) => verdict === 'ok');
  response.status(isWell ? 200 : 503).json({ status: isWell ? 'ok' : 'failing', checks });
}
