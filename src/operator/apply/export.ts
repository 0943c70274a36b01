import { createClock } from '../../clock.ts';
import type { CliContext } from '../cli-context.ts';
import { openApi, readLive, type Live } from './live.ts';

/** What `ronda export-config` does. */
export async function run({ env, stdout, stopAsked }: CliContext, json: boolean): Promise<void> {
  const document = documentOf(await readLive(openApi(env, createClock(), stopAsked()), true));
  stdout.write(json ? `${JSON.stringify(document)}\n` : await yamlOf(document));
}

/** What there is as a file of configuration, in the order of ids. Pure. */
function documentOf({ schedulers, calendars }: Live) {
  return {
    calendars: Object.fromEntries(sorted(calendars)),
    schedulers: sorted(schedulers).map(([scheduler_id, fields]) => ({
      scheduler_id,
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    })),
  };
}

function sorted<T>(by: ReadonlyMap<string, T>): [string, T][] {
  return [...by].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function yamlOf(document: object): Promise<string> {
  const { stringify } = await import('yaml');
  // Readers of older YAML take 05:30 for a number: in quotes it is text to all.
  return stringify(document, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
