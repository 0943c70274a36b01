/** The app of every workspace that tests start. */
export const localToken = 'xoxb-ronda-local';
export const localSigningSecret = 'ronda-local-signing-secret';
