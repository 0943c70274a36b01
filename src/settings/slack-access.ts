import type { Settings } from '../config.ts';

/** How Ronda speaks to Slack, and how it knows that Slack speaks to it. */
export type SlackAccess = {
  readonly token: string;
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
  /** Base URL of the Web API, with a slash at its end; undefined: Slack's own. */
  readonly apiUrl: string | undefined;
};

/** The Slack that the settings name; undefined when they name none, and the workspace on this machine stands in. */
export function slackAccessOf(settings: Settings): SlackAccess | undefined {
  const { SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN, SLACK_API_URL } = settings;
  if (SLACK_BOT_TOKEN === undefined) return undefined;
  return {
    token: SLACK_BOT_TOKEN,
    signingSecret: SLACK_SIGNING_SECRET,
    appToken: SLACK_APP_TOKEN,
    apiUrl: SLACK_API_URL?.replace(/\/?$/, '/'),
  };
}
