/** What the embedded engines take for an account; they check nothing of it. */
export const embeddedAccount = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'ronda', secretAccessKey: 'ronda' },
} as const;
