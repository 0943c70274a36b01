/** The only hosts that answers to people go to. https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const slackHosts: readonly string[] = ['slack.com', 'hooks.slack.com'];

/**
 * `fetch` for Slack alone. An address to answer at comes with a request, and no redirect leads elsewhere: what is
 * not Slack's is never called, whoever asks for it.
 * @param apiUrl another base URL of the Web API, whose host alone may then be called
 * @returns a `fetch` that rejects with a TypeError for any other address
 */
export function slackFetch(apiUrl: string | undefined): typeof fetch {
  const base = apiUrl === undefined ? undefined : new URL(apiUrl);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isSlack =
      base === undefined
        ? url.protocol === 'https:' && slackHosts.includes(url.host)
        : url.protocol === base.protocol && url.host === base.host;
    if (!isSlack) throw new TypeError(`${url.protocol}//${url.host} is not Slack's`);
    return await fetch(input, { ...init, redirect: 'error' });
  };
}
