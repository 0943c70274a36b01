/** Of every projection its name, in the order of the registry: for those who load no projection. */
export const projectionNames = ['current-state', 'history', 'rules'] as const;
