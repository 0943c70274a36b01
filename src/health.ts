import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import express, { type RequestHandler } from 'express';
import { remembered } from './clock.ts';
import type { Logger } from './log.ts';
import { livingRoles } from './store/roles.ts';
import { readRow } from './store/scheduler-rows.ts';
import type { Store } from './store/store.ts';

export type HealthOptions = {
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly eventsUrl: string;
  readonly log: Logger;
  /** Whether this process is about to end: then it is not ready, while it still answers. */
  readonly isDraining?: () => boolean;
};

/** Events wait this long at most before somebody should be told. Real ms. */
const maxLagMs = 300_000;

/** Whoever may ask can ask often: a look is good for so long. Real ms. */
const readyMs = 1_000;

/** `/live`: the process is up. `/ready`: so is all it needs; otherwise 503, with what fails, by name. */
export function healthRoutes(options: HealthOptions): RequestHandler {
  const checks = {
    queue: () => queueAnswers(options),
    tables: () => readRow(options.store, 'probe'),
    consumer_lag: () => consumersKeepUp(options),
  };
  const look = remembered(options.store.clock, readyMs, (log: Logger) =>
    Promise.all(
      Object.entries(checks).map(async ([name, check]): Promise<[string, string]> => [
        name,
        await verdict(name, check, log),
      ]),
    ),
  );
  const router = express.Router();
  router.get('/live', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/ready', async (_request, response) => {
    if (options.isDraining?.() === true) {
      response.status(503).json({ status: 'failing', checks: { draining: 'this process is stopping' } });
      return;
    }
    const correlation_id = response.getHeader('x-correlation-id');
    const log = options.log.child(correlation_id === undefined ? {} : { correlation_id });
    const results = await look(log);
    const ready = results.every(([, result]) => result === 'ok');
    response
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ok' : 'failing', checks: Object.fromEntries(results) });
  });
  return router;
}

/** Why a check fails, for people: what AWS answered goes to the log alone. */
class Unready extends Error {}

async function verdict(name: string, check: () => Promise<unknown>, log: Logger): Promise<string> {
  try {
    await check();
    return 'ok';
  } catch (error) {
    log.warn({ err: error, check: name }, 'not ready');
    return error instanceof Unready ? error.message : 'does not answer';
  }
}

async function queueAnswers({ sqs, eventsUrl }: HealthOptions): Promise<void> {
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: eventsUrl, AttributeNames: ['QueueArn'] }));
}

async function consumersKeepUp({ store }: HealthOptions): Promise<void> {
  const consumers = (await livingRoles(store)).filter(({ role }) => role === 'consumer');
  if (consumers.length === 0) throw new Unready('no consumer is running');
  const lag = Math.max(...consumers.map(({ lag_ms }) => lag_ms));
  if (lag > maxLagMs) throw new Unready(`events wait ${Math.round(lag / 1000)} s`);
}
