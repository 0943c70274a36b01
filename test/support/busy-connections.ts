import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type BusyConnections = {
  /** How many requests were answered so far, and how many of the answers closed their connection. */
  readonly answered: () => number;
  readonly closing: () => number;
  /** Why requests got no answer. */
  readonly cut: () => readonly string[];
  /** Resolves when all of them have ended. */
  readonly ended: Promise<unknown>;
};

/**
 * So many keep-alive connections that send one request after the other until an answer closes them: then, as a load
 * balancer would, they turn elsewhere. (Who connects again and again meets the moment in which the kernel resets
 * what it has accepted and the process has not.)
 */
export function keepBusy(
  count: number,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): BusyConnections {
  let answered = 0;
  let closing = 0;
  const cut: string[] = [];
  const worker = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (;;) {
      try {
        const connection = await once(url, headers, agent);
        answered += 1;
        if (connection !== 'close') continue;
        closing += 1;
        break;
      } catch (error) {
        // Node's errors are of another realm than the tests.
        const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
        cut.push(String(code));
        break;
      }
    }
    agent.destroy();
  };
  const ended = Promise.all(Array.from({ length: count }, worker));
  return { answered: () => answered, closing: () => closing, cut: () => cut, ended };
}

function once(
  url: string,
  headers: Readonly<Record<string, string>>,
  agent: Agent,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, agent }, (response) => {
      text(response).then(() => {
        resolve(response.headers.connection);
      }, reject);
    });
    call.on('error', reject);
    call.end();
  });
}
