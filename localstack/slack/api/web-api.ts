import express, { type RequestHandler, type Response, type Router } from 'express';
import { assertNever } from '../../../src/events/assert-never.ts';
import { pause } from '../../../src/clock.ts';
import type { Answer } from './answers.ts';
import { jsonOf, type Arguments } from './arguments.ts';
import type { CallLog, LoggedCall } from './call-log.ts';
import type { Fault, Faults } from './faults.ts';
import { methods } from './methods.ts';
import type { World } from '../world.ts';

export type WebApiOptions = {
  readonly world: World;
  readonly token: string;
  readonly faults: Faults;
  readonly calls: CallLog;
  readonly url: () => string;
  /** Aborts when the workspace stops: nobody waits any longer. */
  readonly signal: AbortSignal;
};

const maxBody = '2mb';

/**
 * `/api/METHOD` as https://docs.slack.dev/apis/web-api serves it, as far as Ronda's client calls it: POST with a form,
 * the token in the header; and GET, to ask whether it lives.
 */
export function webApi(options: WebApiOptions): Router {
  const router = express.Router();
  const handle: RequestHandler<{ method: string }> = async (request, response) => {
    const { method } = request.params;
    const args = Object.fromEntries(
      new URLSearchParams(typeof request.body === 'string' ? request.body : ''),
    );
    const call = options.calls.begin(method, args);
    const token = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
    const refusal = refusalOf(method, token, options);
    if (refusal !== undefined) answer(response, call, { ok: false, error: refusal });
    else await serve(method, args, response, call, options);
  };
  router.get('/:method', handle);
  router.post(
    '/:method',
    express.text({ type: 'application/x-www-form-urlencoded', limit: maxBody }),
    handle,
  );
  return router;
}

function refusalOf(name: string, given: string | undefined, { token }: WebApiOptions): string | undefined {
  if (!methods.has(name)) return 'unknown_method';
  if (name === 'api.test') return undefined;
  if (given === undefined) return 'not_authed';
  return given === token ? undefined : 'invalid_auth';
}

async function serve(
  name: string,
  args: Arguments,
  response: Response,
  call: LoggedCall,
  options: WebApiOptions,
): Promise<void> {
  const { world, faults, url } = options;
  const work = (): Answer => {
    const done = methods.get(name)?.({ world, args, url: url() }) ?? unknown;
    call.worked = done.ok;
    return done;
  };
  const blocks = typeof args['blocks'] === 'string' ? jsonOf(args['blocks']) : args['blocks'];
  const fault = faults.take(name, blocks);
  if (fault === undefined) answer(response, call, work());
  else {
    call.fault = fault.fault;
    await misbehave(fault, work, response, call, options);
  }
}

const unknown: Answer = { ok: false, error: 'unknown_method' };

async function misbehave(
  fault: Fault,
  work: () => Answer,
  response: Response,
  call: LoggedCall,
  { signal }: WebApiOptions,
): Promise<void> {
  const done = fault.after_work || fault.fault === 'drop_answer' ? work() : undefined;
  switch (fault.fault) {
    case 'drop_answer':
      response.socket?.destroy();
      return;
    case 'delay':
      // A caller that has gone away by then does not undo the work.
      await pause(fault.ms, signal);
      if (!signal.aborted) answer(response, call, done ?? work());
      return;
    case 'hang':
      return;
    case 'rate_limited': {
      const refusal = { ok: false, error: 'ratelimited' };
      settle(call, refusal);
      response.status(429).set('Retry-After', String(fault.retry_after)).json(refusal);
      return;
    }
    case 'http_503':
      call.ok = false;
      call.error = fault.fault;
      response.status(503).type('text').send('upstream error');
      return;
    case 'internal_error':
    case 'token_revoked':
      answer(response, call, { ok: false, error: fault.fault });
      return;
    case 'invalid_blocks_table': {
      const what = 'unsupported type: table [json-pointer:/blocks]';
      answer(response, call, {
        ok: false,
        error: 'invalid_blocks',
        errors: [what],
        response_metadata: { messages: [`[ERROR] ${what}`] },
      });
      return;
    }
    default:
      assertNever(fault.fault);
  }
}

function answer(response: Response, call: LoggedCall, what: Answer): void {
  settle(call, what);
  response.json(what);
}

function settle(call: LoggedCall, { ok, error }: Answer): void {
  call.ok = ok;
  if (error !== undefined) call.error = error;
}
