import { LogLevel, webApi } from '@slack/bolt';
import { z } from 'zod';
import {
  startWorkspace,
  type RunningWorkspace,
  type WorkspaceOptions,
} from '../../../localstack/slack/workspace.ts';
import { localSigningSecret, localToken } from '../../support/local-app.ts';
import { createClock } from '../../../src/clock.ts';

/** A workspace of a test's own, on a free port. */
export function startTestWorkspace(options: Partial<WorkspaceOptions> = {}): Promise<RunningWorkspace> {
  return startWorkspace({
    token: localToken,
    signingSecret: localSigningSecret,
    port: 0,
    clock: createClock(),
    ...options,
  });
}

let channels = 0;

/** A channel that no other test uses, by its id. */
export async function newChannel(workspace: RunningWorkspace): Promise<string> {
  channels += 1;
  const id = `C0TEST${channels}`;
  await send(workspace, 'POST', '/control/channels', { id, name: `test-${channels}` });
  return id;
}

/** The real client as Ronda posts with it: no retries of its own. */
export function clientOf(
  { url }: RunningWorkspace,
  options: { readonly timeout?: number } = {},
): webApi.WebClient {
  return new webApi.WebClient(localToken, {
    slackApiUrl: `${url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.timeout ?? 5_000,
    logger: silentLogger,
  });
}

/** The `error` of an answer that is not ok. @throws Error when the call succeeds */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError) return error.data.error;
    throw error;
  }
  throw new Error('the call was expected to fail');
}

/** A call of the control address or of the page's addresses, with a JSON body. */
export async function send(
  { url }: RunningWorkspace,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text };
}

const texts = z.object({ messages: z.array(z.looseObject({ text: z.string() })) });

/** The texts of all messages there are, oldest first. */
export async function textsIn(workspace: RunningWorkspace): Promise<string[]> {
  const { json } = await send(workspace, 'GET', '/control/messages');
  return texts.parse(json).messages.map(({ text }) => text);
}

export const silentLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  setName: () => undefined,
  getLevel: () => LogLevel.ERROR,
};

export const board = { event_type: 'ronda_message', event_payload: { key: 'board/eod/2099-11-23/1' } };
export const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const;
