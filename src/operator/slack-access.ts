import type { Settings } from '../config.ts';
import { UsageError } from '../errors.ts';

/** How Ronda speaks to Slack, and how it knows that Slack speaks to it. */
export type SlackAccess = {
  readonly token: string;
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
  /** Base URL of the Web API, with a slash at its end; undefined: Slack's own. */
  readonly apiUrl: string | undefined;
};

type LocalWorkspace = { readonly url: string; readonly token: string; readonly signingSecret: string };

/**
 * The Slack of the settings; without a token the workspace on this machine, where there is one.
 * @throws UsageError when there is neither
 */
export function slackAccessOf(settings: Settings, local: LocalWorkspace | undefined): SlackAccess {
  const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN, SLACK_API_URL } = settings;
  if (SLACK_BOT_TOKEN !== undefined) {
    return {
      token: SLACK_BOT_TOKEN,
      signingSecret: SLACK_SIGNING_SECRET,
      appToken: SLACK_APP_TOKEN,
      apiUrl: SLACK_API_URL?.replace(/\/?$/, '/'),
    };
  }
  if (local === undefined) {
    throw new UsageError(
      'SLACK_BOT_TOKEN: is required by the role slack with RONDA_BACKEND=aws. ' +
        'Set it, or start the other roles only: ronda start ingress consumer',
    );
  }
  const { url, token, signingSecret } = local;
  return { token, signingSecret, appToken: undefined, apiUrl: `${url}/api/` };
}
