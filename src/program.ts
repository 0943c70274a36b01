import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { LocalApp } from '../localstack/slack/local-app.ts';
import { createClock } from './clock.ts';
import type { Settings } from './config.ts';
import { DependencyError, isDependencyError, RondaError, UsageError } from './errors.ts';
import type { Logger } from './log.ts';
import { operatorHere } from './operator/audit/operator-here.ts';
import { addCommands } from './operator/commands.ts';
import { exit } from './operator/cli-context.ts';
import { repeated } from './operator/repeated.ts';
import { engineRunner, standIns, type StandIns } from './stand-ins.ts';
import { untilStopped } from './stop.ts';
import { roleNames, type RoleName } from './store/role-names.ts';

/** What a command that did its work has to say by its exit code. */
let outcome: number = exit.done;

type WorkspaceArguments = { port: number; host: string; allowHost: string[]; app?: string };

const workspaceHelp = `
The app proves itself by SLACK_BOT_TOKEN, and the workspace to it by SLACK_SIGNING_SECRET. Without them both are made
for this run. At another address than loopback both must be given, and the names under which it may be asked
(--allow-host): whoever knows the secret can act as anybody.
`;

type DemoArguments = { readonly seed: number; readonly exit?: boolean; readonly json?: boolean };
type EnginePorts = { sqsPort?: number; dynamodbPort?: number; slackPort?: number };

// What a command does is imported when it is asked for: the AWS SDK alone takes longer than all of `--help`.
const program = new Command('ronda')
  .description('The night watch for scheduled jobs.')
  .version(versionOf())
  .showHelpAfterError('(--help shows how)')
  .exitOverride();

program
  .command('start')
  .description('run roles in this process: ingress, consumer, slack (default: all)')
  .argument('[role...]', `any of ${roleNames.join(', ')}`, collectRole, [])
  .option('--json', 'print where it listens as one line of JSON')
  .action(async (given: RoleName[], { json = false }: { json?: boolean }) => {
    const { settings, log } = await prepare();
    const roles = given.length === 0 ? roleNames : given;
    const stopAsked = untilStopped();
    const [{ bootstrapKeyOf }, { welcome }, { startRonda }] = await Promise.all([
      import('./operator/bootstrap-key.ts'),
      import('./operator/welcome.ts'),
      import('./main.ts'),
    ]);
    const bootstrapKey = bootstrapKeyOf(settings);
    const ronda = await startRonda({
      ...{ settings, roles, log, env: process.env },
      bootstrapKey: bootstrapKey?.key,
    });
    const { url, engines, queues, workspace } = ronda;
    process.stdout.write(
      json
        ? `${JSON.stringify({ url, roles, engines, workspace, events_queue: queues.events.url })}\n`
        : welcome({
            url,
            roles,
            engines,
            queueUrl: queues.events.url,
            madeKey: bootstrapKey?.made,
            workspace,
            settings,
          }),
    );
    log.info({ roles, url }, 'ronda watches');
    log.info({ why: await stopAsked }, 'stopping');
    await ronda.stop();
    // What still hangs in a dependency that is away must not hold the process.
    setTimeout(() => process.exit(exit.done), 500).unref();
  });

program
  .command('engines')
  .description('run the embedded SQS and DynamoDB engines and the Slack workspace alone, until stopped')
  .option(
    '--with-parent',
    'when standard input closes, end (with a data directory: once 10 min without a call)',
  )
  .option('--sqs-port <port>', 'serve SQS here or fail (default: as the last time, else any free port)', port)
  .option(
    '--dynamodb-port <port>',
    'serve DynamoDB here or fail (default: as the last time, else any free port)',
    port,
  )
  .option('--slack-port <port>', 'serve the Slack workspace here or fail (default: likewise)', port)
  .option('--json', 'as without it: print where they answer as one line of JSON')
  .action(async (options: EnginePorts & { withParent?: boolean }) => {
    const { settings, log } = await prepare();
    const { runEngines } = await engineRunner();
    await runEngines({ dataDir: settings.RONDA_DATA_DIR, log, ...options });
  });

program
  .command('demo')
  .description(
    'watch a whole night in 90 s: everything on this machine, with a simulated fleet; keeps nothing',
  )
  .option('--seed <n>', 'which night: the same number gives the same one', whole, 1)
  .option('--exit', 'end with the night instead of staying until Ctrl-C')
  .option('--json', 'print a JSON object a line: where to watch, and what became of the night')
  .action(async ({ seed, exit: endWithNight = false, json = false }: DemoArguments) => {
    const { log } = await prepare('warn');
    const { env, stdout, stderr } = process;
    const [{ runDemo }, { startRonda: start }] = await Promise.all([
      import('./simulate/demo.ts'),
      import('./main.ts'),
    ]);
    await runDemo({ start, env, seed, log, stdout, stderr, signal: abortSignal(), endWithNight, json });
  });

program
  .command('workspace')
  .description('run the Slack workspace that stands in for Slack alone, until stopped')
  .option('--port <port>', 'where it listens', port, 4000)
  .option('--host <host>', 'at which address', '127.0.0.1')
  .option(
    '--allow-host <name>',
    'a name under which it may be asked, where --host is not loopback',
    repeated,
    [],
  )
  .option('--app <url>', 'where the app takes what Slack sends, like http://127.0.0.1:3000/slack/events')
  .option('--json', 'as without it: print where it answers, and the token, as one line of JSON')
  .addHelpText('after', workspaceHelp)
  .action(async ({ port: at, host, allowHost, app: url }: WorkspaceArguments) => {
    const { startWorkspace, registerApp, ...apps } = await standIns();
    const app = workspaceApp(apps, host, allowHost);
    const stopAsked = untilStopped();
    const workspace = await startWorkspace({
      ...app,
      port: at,
      host,
      allowHosts: allowHost,
      clock: createClock(),
    });
    if (url !== undefined) await registerApp(workspace.url, url);
    process.stdout.write(`${JSON.stringify({ slack: workspace.url, token: app.token })}\n`);
    await stopAsked;
    await workspace.stop();
  });

addCommands(program, {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  log: async () => (await prepare('warn')).log,
  who: operatorHere,
  stopAsked: abortSignal,
  withConnection: async (work) => {
    const { settings, log } = await prepare('warn');
    const { connect } = await import('./connect.ts');
    const { clock, store, sqs, queues, engines, close } = await connect(settings, log);
    const workspace = engines === undefined ? undefined : { ...engines.app, apiUrl: `${engines.slack}/api/` };
    try {
      return await work({ settings, clock, store, sqs, queues, workspace });
    } finally {
      await close();
    }
  },
  transportsOf: async ({ settings, store, clock, workspace }) => {
    const [{ configuredTransports }, { slackAccessOf }] = await Promise.all([
      import('./transports/registry.ts'),
      import('./settings/slack-access.ts'),
    ]);
    const further = configuredTransports(process.env, clock);
    const access = slackAccessOf(settings) ?? workspace;
    if (access === undefined) return further;
    const [{ openSlackTransports }, { boardsOf }] = await Promise.all([
      import('./transports/slack/slack.ts'),
      import('./settings/boards-file.ts'),
    ]);
    const { log } = await prepare('warn');
    return [...openSlackTransports({ store, boards: boardsOf(settings), access, clock, log }), ...further];
  },
  transportSettings: async () => (await import('./transports/registry.ts')).transportSettings,
  exitWith: (code) => {
    outcome = code;
  },
});

/** The settings, and a log that says what is at least of the level given, unless the environment says otherwise. */
async function prepare(quietly?: 'warn'): Promise<{ settings: Settings; log: Logger }> {
  const { readSettings } = await import('./config.ts');
  const settings = readSettings(process.env);
  const { createLog } = await import('./log.ts');
  const format = settings.LOG_FORMAT ?? (process.stderr.isTTY ? 'pretty' : 'json');
  const level = process.env['LOG_LEVEL'] === undefined ? quietly : undefined;
  return { settings, log: await createLog({ level: level ?? settings.LOG_LEVEL, format }) };
}

/** Aborts at the first Ctrl-C or SIGTERM. */
function abortSignal(): AbortSignal {
  const stop = new AbortController();
  void untilStopped().then(() => {
    stop.abort();
  });
  return stop.signal;
}

/** @throws UsageError where strangers could ask, and no secret is given that they do not know */
function workspaceApp(
  { localApp, newLocalApp, loopbackNames }: Pick<StandIns, 'localApp' | 'newLocalApp' | 'loopbackNames'>,
  host: string,
  allowHost: readonly string[],
): LocalApp {
  const { SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: signingSecret } = process.env;
  const given = localApp.safeParse({ token, signingSecret });
  if (given.success && (loopbackNames.includes(host) || allowHost.length > 0)) return given.data;
  if (loopbackNames.includes(host) && token === undefined && signingSecret === undefined)
    return newLocalApp();
  throw new UsageError(
    `--host ${host}: needs SLACK_BOT_TOKEN (xoxb-…) and SLACK_SIGNING_SECRET (16 characters or more) in the ` +
      'environment, and --allow-host with each name under which it may be asked.',
  );
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${text} must be a whole number.`);
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new UsageError(`${text} is no port: it must be a whole number from 0 to 65535.`);
}

function collectRole(text: string, roles: RoleName[]): RoleName[] {
  const role = roleNames.find((name) => name === text);
  if (role === undefined)
    throw new UsageError(`There is no role ${text}: the roles are ${roleNames.join(', ')}.`);
  return roles.includes(role) ? roles : [...roles, role];
}

function versionOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '?';
}

/** What to tell a user of an error, and the exit code that goes with it. Never a stack trace for their mistake. */
function explain(error: unknown): { text: string; code: number } {
  if (error instanceof CommanderError)
    return { text: '', code: error.exitCode === 0 ? exit.done : exit.usage };
  if (error instanceof UsageError || error instanceof DependencyError)
    return { text: error.message, code: exit.usage };
  if (error instanceof RondaError) return { text: error.message, code: exit.wrong };
  if (isDependencyError(error) || isRegionError(error))
    return { text: new DependencyError('AWS', error).message, code: exit.usage };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `This is a fault of Ronda's, please report it:\n${text}`, code: exit.wrong };
}

/** The SDK has no name for it. A region may stand in a shared file, so the settings cannot demand one. */
function isRegionError(error: unknown): boolean {
  return error instanceof Error && /^Region (is missing|not accepted)/.test(error.message);
}

// Whoever reads may have gone, as `head` does: then there is nobody left to tell, and nothing more is done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE')
    process.stderr.write(`ronda: cannot write what was asked for: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? exit.brokenPipe : exit.usage);
});

try {
  await program.parseAsync();
  process.exitCode = outcome;
} catch (error) {
  const { text, code } = explain(error);
  if (text !== '') process.stderr.write(`ronda: ${text}\n`);
  process.exitCode = code;
}
