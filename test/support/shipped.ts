import { storedProjections } from '../../src/store/projections/registry.ts';

/** The projections that Ronda comes with, whatever else is storedProjections: tests that count rows and requests count theirs. */
export const shipped = storedProjections.filter(({ name }) =>
  ['current-state', 'history', 'rules'].includes(name),
);
