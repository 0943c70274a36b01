/**
 * What a person does here goes to the workspace, which sends it on to the app, signed, as Slack would.
 * @param {string} path
 * @param {object} body
 * @returns {Promise<string | undefined>} what went wrong, in a sentence; nothing if the app took it
 */
export async function send(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.ok ? undefined : trouble(response.status, await response.text());
  } catch {
    return 'The workspace cannot be reached.';
  }
}

/** @returns {Promise<import('./page.d.ts').UiState>} */
export async function fetchState() {
  const response = await fetch('/ui/state');
  if (!response.ok) throw new Error(`the workspace answered ${response.status}`);
  return response.json();
}

/** @returns {string} */
function trouble(/** @type {number} */ status, /** @type {string} */ text) {
  if (status === 502) return 'No app listens: is Ronda running?';
  if (status === 504) return 'Ronda did not answer within 3 seconds.';
  return `Refused with ${status}: ${text.slice(0, 200)}`;
}
