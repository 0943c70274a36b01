import { projectionNames } from '../../store/projections/names.ts';

/** What both `ronda replay` and `ronda verify` can be told: flags, and what they mean. */
export const scopeFlags: readonly (readonly [flags: string, meaning: string])[] = [
  ['--projection <name>', `${projectionNames.join(', ')} or all (default: all)`],
  ['--scheduler <id...>', 'only these schedulers'],
  ['--service <name>', 'only schedulers of this service'],
];
