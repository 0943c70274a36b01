import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DependencyError, UsageError } from '../../src/errors.ts';

/** Ronda as an app of the workspace on this machine: what it proves itself by, and Slack to it. */
export const localApp = z.object({
  token: z.string().regex(/^xoxb-[\x21-\x7e]+$/),
  signingSecret: z.string().min(16),
});
export type LocalApp = z.infer<typeof localApp>;

/** Hands the app to engines in memory, which have no data directory that it could be read from. */
export const appVariable = 'RONDA_ENGINES_SLACK_APP';

/** An app that nobody else knows: whoever has the secret can click, acknowledge and snooze as anybody. */
export function newLocalApp(): LocalApp {
  return {
    token: `xoxb-local-${randomBytes(16).toString('hex')}`,
    signingSecret: randomBytes(32).toString('hex'),
  };
}

/**
 * The app of a data directory, which only its owner can read; made if absent, whoever asks first.
 * @throws UsageError if it can be neither read nor made
 */
export function localAppOf(dataDir: string): LocalApp {
  const path = join(dataDir, 'slack-app.json');
  try {
    writeFileSync(path, `${JSON.stringify(newLocalApp())}\n`, { mode: 0o600, flag: 'wx' });
  } catch {
    // It is there, or the directory cannot be written: reading it tells.
  }
  try {
    chmodSync(path, 0o600);
    return localApp.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new UsageError(`RONDA_DATA_DIR: ${path} cannot be read: delete it, and start again`, { cause });
  }
}

/**
 * Tells a workspace where the app listens, as one does for Slack in the app's settings.
 * @param workspace its URL
 * @throws DependencyError when it does not answer
 */
export async function registerApp(workspace: string, requestUrl: string): Promise<void> {
  try {
    const answer = await fetch(`${workspace}/control/app`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ request_url: requestUrl }),
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  } catch (error) {
    throw new DependencyError('Slack workspace', error);
  }
}
