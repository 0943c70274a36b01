import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { assertNever } from '../../../src/events/assert-never.ts';
import { pause, type Clock } from '../../../src/clock.ts';
import type { Answer } from './answers.ts';
import { isObject, jsonOf, type Arguments } from './arguments.ts';
import type { CallLog, LoggedCall } from './call-log.ts';
import type { Fault, Faults } from './faults.ts';
import { methods } from './methods.ts';
import type { RateLimits } from './rate-limits.ts';
import type { World } from '../world.ts';

export type WebApiOptions = {
  readonly world: World;
  readonly token: string;
  readonly faults: Faults;
  readonly limits: RateLimits;
  readonly calls: CallLog;
  readonly url: () => string;
  readonly clock: Clock;
  /** Aborts when the workspace stops: nobody waits any longer. */
  readonly signal: AbortSignal;
};

const maxBody = '2mb';

/**
 * `/api/METHOD` as https://docs.slack.dev/apis/web-api serves it: POST with JSON or a form, the token in header or
 * form; GET with a query, the token in the header alone.
 */
export function webApi(options: WebApiOptions): Router {
  const router = express.Router();
  const handle: RequestHandler<{ method: string }> = async (request, response) => {
    const { method } = request.params;
    const body = bodyOf(request);
    const call = options.calls.begin(method, body.ok ? body.args : {});
    const refusal = refusalOf(method, body, options);
    if (refusal !== undefined) answer(response, call, { ok: false, error: refusal });
    else if (body.ok) await serve(method, body.args, response, call, options);
  };
  router.get('/:method', handle);
  router.post('/:method', express.text({ type: () => true, limit: maxBody }), handle);
  return router;
}

type Body =
  | { readonly ok: true; readonly args: Arguments; readonly token: string | undefined }
  | { readonly ok: false; readonly error: string };

function bodyOf(request: Request<{ method: string }>): Body {
  const bearer = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (request.method === 'GET') return { ok: true, args: request.query, token: bearer };
  const text = typeof request.body === 'string' ? request.body : '';
  if (text === '') return { ok: true, args: {}, token: bearer };
  if (request.is('application/json') !== false) {
    const args = jsonOf(text);
    // In JSON a token is not looked for: it belongs into the header.
    return isObject(args) ? { ok: true, args, token: bearer } : { ok: false, error: 'invalid_json' };
  }
  if (request.is('application/x-www-form-urlencoded') !== false) {
    const { token, ...args } = Object.fromEntries(new URLSearchParams(text));
    return { ok: true, args, token: bearer ?? token };
  }
  return { ok: false, error: 'invalid_post_type' };
}

function refusalOf(name: string, body: Body, { token }: WebApiOptions): string | undefined {
  if (!methods.has(name)) return 'unknown_method';
  if (!body.ok) return body.error;
  if (name === 'api.test') return undefined;
  if (body.token === undefined) return 'not_authed';
  return body.token === token ? undefined : 'invalid_auth';
}

async function serve(
  name: string,
  args: Arguments,
  response: Response,
  call: LoggedCall,
  options: WebApiOptions,
): Promise<void> {
  const { world, faults, limits, url } = options;
  const work = (): Answer => {
    const done = methods.get(name)?.({ world, args, url: url() }) ?? unknown;
    call.worked = done.ok;
    return done;
  };
  const wait = limits.refusal(name, typeof args['channel'] === 'string' ? args['channel'] : '');
  if (wait !== undefined) {
    tooMany(response, call, wait);
    return;
  }
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
    case 'rate_limited':
      tooMany(response, call, fault.retry_after);
      return;
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

function tooMany(response: Response, call: LoggedCall, seconds: number): void {
  settle(call, { ok: false, error: 'ratelimited' });
  response.status(429).set('Retry-After', String(seconds)).json({ ok: false, error: 'ratelimited' });
}

function answer(response: Response, call: LoggedCall, what: Answer): void {
  settle(call, what);
  response.json(what);
}

function settle(call: LoggedCall, { ok, error }: Answer): void {
  call.ok = ok;
  if (error !== undefined) call.error = error;
}
