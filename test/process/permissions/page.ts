import { readFileSync } from 'node:fs';
import { allTables } from '../../../src/store/projections/registry.ts';
import { shipped } from '../../support/shipped.ts';

/** What docs/operations.md says that each part needs. */
export const printed = permissionsIn(
  readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8'),
);

/** The lines of the page's block of permissions, by part, as the recorder notes calls. */
function permissionsIn(page: string): Map<string, string[]> {
  const [, block = ''] = /## Permissions[^]*?```text\n([^]*?)```/.exec(page) ?? [];
  const parts = block.split(/^(?=\S)/m).map((part): [string, string[]] => {
    const [name = '', ...lines] = part.trim().split('\n');
    return [name, lines.flatMap(callsOf).toSorted()];
  });
  return new Map(parts);
}

/** `  table a, b: X, Y` is `table a X`, `table a Y`, and so on. */
function callsOf(line: string): string[] {
  const [, kind = '', names = '', actions = ''] = /^ {2}(table|queue) ([^:]+): (.+)$/.exec(line) ?? [];
  return names
    .split(', ')
    .flatMap((name) => actions.split(', ').map((action) => `${kind} ${name} ${action}`));
}

/** Tables of projections that Ronda does not ship. */
export const further = new Set(
  allTables()
    .map(({ name }) => name)
    .filter((name) => !allTables(shipped).some((one) => one.name === name)),
);
