import type { Store } from '../../src/store/store.ts';

/**
 * Writes down every request that a store sends from now on, and lets `before` do something ahead of each (then
 * it has seen those so far). One request is one line, however often the SDK tries it.
 */
export function watchRequests(
  store: Store,
  before: (request: string, soFar: readonly string[]) => Promise<void> | void = () => undefined,
): { readonly requests: string[]; readonly stop: () => void } {
  const requests: string[] = [];
  const name = 'watch-requests';
  store.client.middlewareStack.add(
    (next, context) => async (args) => {
      const command = (context.commandName ?? '').replace(/(Item)?Command$/, '');
      const request = `${command} ${tableIn(args.input).slice(store.prefix.length)}`;
      await before(request, [...requests]);
      requests.push(request);
      return await next(args);
    },
    { step: 'initialize', name, override: true },
  );
  return { requests, stop: () => void store.client.middlewareStack.remove(name) };
}

function tableIn(input: object): string {
  if ('TableName' in input) return String(input.TableName);
  if ('RequestItems' in input && typeof input.RequestItems === 'object' && input.RequestItems !== null) {
    return Object.keys(input.RequestItems).join(',');
  }
  return '';
}
