import type { EnginesChild } from '../../localstack/engines-child.ts';

/** The engines process that global set-up started, for global teardown; none if the user named servers. */
export const testEngines: { child?: EnginesChild } = {};
