import express, { type Response, type Router } from 'express';
import type { z } from 'zod';
import type { AppAnswer } from './app-client.ts';
import { refuseBody } from './control.ts';
import type { Refusal } from './messages.ts';
import { command, giveCommand, homeVisit, openHome, press, pressButton, type People } from './people.ts';
import { team, type UiState } from './state.ts';
import { shown, type World } from './world.ts';

const keepAliveMs = 15_000;

/** What the page in the browser needs: all there is, what happens, and what a person does. */
export function ui(people: People): Router {
  const router = express.Router();
  const { world } = people;
  router.get('/state', (_request, response) => {
    response.json(stateOf(world));
  });
  router.get('/events', (_request, response) => {
    stream(world, response);
  });
  router.post('/action', async (request, response) => {
    await act(response, press, request.body, (what) => pressButton(people, what));
  });
  router.post('/command', async (request, response) => {
    await act(response, command, request.body, (what) => giveCommand(people, what));
  });
  router.post('/home', async (request, response) => {
    await act(response, homeVisit, request.body, ({ user }) => openHome(people, user));
  });
  return router;
}

function stateOf(world: World): UiState {
  const { channels, users, messages, homes } = world.workspace();
  return {
    team,
    channels: [...channels.values()].map(({ id, name }) => ({ id, name })),
    users: [...users.values()],
    messages: [...messages.values()].flatMap((one) => [...one.values()].map(shown)),
    homes: [...homes.values()].map(({ user, view }) => ({ user, view })),
  };
}

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
function stream(world: World, response: Response): void {
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.flushHeaders();
  // Without a word for long, proxies and browsers take a connection for dead.
  const timer = setInterval(() => response.write(': still here\n\n'), keepAliveMs);
  const stop = world.onEvent((event) => {
    response.write(`data: ${JSON.stringify(event)}\n\n`);
  });
  response.on('close', () => {
    clearInterval(timer);
    stop();
  });
}

/** Passes on what the app answered: its status, its body. */
async function act<T>(
  response: Response,
  schema: z.ZodType<T>,
  body: unknown,
  run: (what: T) => Promise<AppAnswer | Refusal>,
): Promise<void> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    refuseBody(response, parsed.error);
    return;
  }
  const answer = await run(parsed.data);
  if ('error' in answer) {
    response.status(422).json(answer);
    return;
  }
  switch (answer.kind) {
    case 'no_app':
      response.status(502).json({ ok: false, error: 'no_app_listens' });
      return;
    case 'timed_out':
      response.status(504).json({ ok: false, error: 'app_did_not_acknowledge_within_3_s' });
      return;
    default:
      // The page reads it as data: whatever the app says, no browser may take it for a document.
      response.status(answer.status).type(answer.type.startsWith('application/json') ? 'json' : 'text');
      response.send(answer.text);
  }
}
