import { kept } from '../../src/store/projections/registry.ts';

/** The projections that Ronda comes with, whatever else is kept: tests that count rows and requests count theirs. */
export const shipped = kept.filter(({ name }) => ['current-state', 'history'].includes(name));
