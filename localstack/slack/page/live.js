/**
 * Keeps the page in step with the workspace: the stream of events, and the whole state whenever the stream
 * (re)opens, since what happened in between was not heard.
 * @typedef {import('./page.d.ts').UiEvent} UiEvent
 * @typedef {import('./page.d.ts').UiState} UiState
 */

/** Real ms until a stream that the browser gave up is opened anew. */
const retryMs = 2_000;

/**
 * @param {import('./page.d.ts').Live} listener
 * @param {{
 *   open: () => EventSource,
 *   fetchState: () => Promise<UiState>,
 *   later: (ms: number, what: () => void) => void,
 * }} means
 */
export function follow(listener, { open, fetchState, later }) {
  const source = open();
  let opening = 0;
  /** What was heard while the state was on its way; undefined once that has come. @type {UiEvent[] | undefined} */
  let waiting = [];

  /** Gives the stream up and begins again; once, whatever else fails. */
  const restart = () => {
    if (opening < 0) return;
    opening = -1;
    source.close();
    listener.onStatus(false);
    later(retryMs, () => follow(listener, { open, fetchState, later }));
  };
  source.addEventListener('open', () => {
    opening += 1;
    const mine = opening;
    waiting = [];
    fetchState().then(
      (state) => {
        if (mine !== opening) return;
        const heard = waiting ?? [];
        waiting = undefined;
        listener.onState(state);
        heard.forEach((event) => listener.onEvent(event));
        listener.onStatus(true);
      },
      () => {
        if (mine === opening) restart();
      },
    );
  });
  source.addEventListener('message', ({ data }) => {
    const event = JSON.parse(data);
    if (waiting === undefined) listener.onEvent(event);
    else waiting.push(event);
  });
  source.addEventListener('error', () => {
    // The browser tries again by itself after a lost connection, not after an answer that is no stream.
    if (source.readyState === source.CLOSED) restart();
    else if (opening >= 0) {
      waiting ??= [];
      listener.onStatus(false);
    }
  });
}
