import { localSigningSecret, localToken } from '../../support/local-app.ts';
import { startWorkspace } from '../../../localstack/slack/workspace.ts';
import { createClock } from '../../../src/clock.ts';

/** A workspace in a process of its own, to be killed: it keeps the directory of its argument and says its URL. */
const { url } = await startWorkspace({
  token: localToken,
  signingSecret: localSigningSecret,
  port: 0,
  dir: process.argv[2],
  clock: createClock(),
});
process.stdout.write(`${url}\n`);
