import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import type { CallLog } from './api/call-log.ts';
import { fault, type Faults } from './api/faults.ts';
import { messageAt } from './changes.ts';
import { app, channel, user } from './state.ts';
import type { World } from './world.ts';

export type ControlOptions = {
  readonly world: World;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly signingSecret: string;
};

const place = z.object({ channel: z.string(), ts: z.string() });

/** What only a stand-in has: faults, people and channels at will, and a look at everything. */
export function control({ world, faults, calls, signingSecret }: ControlOptions): Router {
  const router = express.Router();
  const appWanted = app.extend({ signing_secret: app.shape.signing_secret.default(signingSecret) });

  router.post('/faults', (request, response) => {
    take(response, fault, request.body, (wanted) => {
      faults.add(wanted);
    });
  });
  router.get('/faults', (_request, response) => {
    response.json({ ok: true, faults: faults.list() });
  });
  router.delete('/faults', (_request, response) => {
    faults.clear();
    response.json({ ok: true });
  });

  router.post('/channels', (request, response) => {
    take(response, channel, request.body, (wanted) => {
      world.commit({ kind: 'channel', channel: wanted });
    });
  });
  router.post('/users', (request, response) => {
    take(response, user, request.body, (wanted) => {
      world.commit({ kind: 'user', user: wanted });
    });
  });
  router.post('/app', (request, response) => {
    take(response, appWanted, request.body, (wanted) => {
      world.commit({ kind: 'app', app: wanted });
    });
  });

  router.get('/messages', (request, response) => {
    const of = request.query['channel'];
    const messages = [...world.workspace().messages.values()].flatMap((one) => [...one.values()]);
    response.json({
      ok: true,
      messages: messages.filter(({ channel: where }) => of === undefined || where === of),
    });
  });
  // As if a person with the right to had deleted it.
  router.delete('/messages', (request, response) => {
    const parsed = place.safeParse(request.body);
    const found = parsed.success && messageAt(world.workspace(), parsed.data.channel, parsed.data.ts);
    if (!parsed.success) refuseBody(response, parsed.error);
    else if (!found) response.status(404).json({ ok: false, error: 'message_not_found' });
    else {
      world.commit({ kind: 'deleted', ...parsed.data });
      response.json({ ok: true });
    }
  });

  router.get('/ephemerals', (_request, response) => {
    response.json({ ok: true, ephemerals: world.ephemerals() });
  });
  router.get('/calls', (_request, response) => {
    response.json({ ok: true, calls: calls.list() });
  });
  router.delete('/calls', (_request, response) => {
    calls.clear();
    response.json({ ok: true });
  });
  return router;
}

function take<T>(response: Response, schema: z.ZodType<T>, body: unknown, act: (wanted: T) => void): void {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    refuseBody(response, parsed.error);
    return;
  }
  act(parsed.data);
  response.json({ ok: true });
}

export function refuseBody(response: Response, error: z.ZodError): void {
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  response.status(400).json({ ok: false, error: 'invalid_body', issues });
}
