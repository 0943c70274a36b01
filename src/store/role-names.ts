/** What a process of Ronda can be, one or more at once. */
export const roleNames = ['ingress', 'consumer', 'slack'] as const;
export type RoleName = (typeof roleNames)[number];
