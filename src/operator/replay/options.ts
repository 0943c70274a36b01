import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { StoredProjection } from '../../store/projections/registry.ts';
import type { Scope } from './replay.ts';

function namesOf(projections: readonly StoredProjection[]): string {
  return projections.map(({ name }) => name).join(', ');
}

const given = z.object({
  projection: z.string().default('all'),
  scheduler: z.array(z.string().min(1)).optional(),
  service: z.string().min(1).optional(),
  outdated: z.boolean().default(false),
});

/**
 * The projections and schedulers that a command line names.
 * @throws UsageError when there is no such projection, or when two ways of choosing schedulers meet
 */
export function readScope(
  commandLine: Readonly<Record<string, unknown>>,
  storedProjections: readonly StoredProjection[],
): { projections: readonly StoredProjection[]; scope: Scope } {
  const { projection, scheduler, service, outdated } = given.parse(commandLine);
  const projections =
    projection === 'all' ? storedProjections : storedProjections.filter(({ name }) => name === projection);
  const problems: string[] = [];
  if (projections.length === 0)
    problems.push(
      `--projection: there is no ${projection}; there are ${namesOf(storedProjections)}, and all`,
    );
  const ways = [
    ...(scheduler === undefined ? [] : ['--scheduler']),
    ...(service === undefined ? [] : ['--service']),
    ...(outdated ? ['--outdated'] : []),
  ];
  if (ways.length > 1) problems.push(`${ways.join(' and ')}: only one of them at a time`);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (scheduler !== undefined) return { projections, scope: { of: 'schedulers', ids: scheduler } };
  return { projections, scope: outdated ? { of: 'outdated' } : { of: 'all', service } };
}
