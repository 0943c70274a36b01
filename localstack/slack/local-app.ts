import { DependencyError } from '../../src/errors.ts';

/** Ronda as an app of the workspace on this machine. No secrets: the workspace listens on loopback alone. */
export const localApp = { token: 'xoxb-ronda-local', signingSecret: 'ronda-local-signing-secret' } as const;
/** The channel that the workspace begins with. */
export const localChannel = 'C0RONDA';

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
