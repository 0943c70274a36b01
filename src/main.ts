import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Endpoints } from '../localstack/endpoints.ts';
import type { LocalApp } from '../localstack/slack/local-app.ts';
import { routeProblems } from './alerts/routes.ts';
import type { Transport } from './alerts/transport.ts';
import { createVerdictReader } from './board/read-verdicts.ts';
import { createClock, pause, within, type Clock } from './clock.ts';
import { clockOf, idConventionOf, type Settings } from './config.ts';
import { asUsersSee, connect, type Connection } from './connect.ts';
import { UsageError } from './errors.ts';
import { startConsumer, type ConsumerRole } from './consumer/role.ts';
import { healthRoutes } from './health/routes.ts';
import { createApp, type Api } from './ingress/app.ts';
import { createAuthenticator } from './ingress/authentication.ts';
import { answerBroken } from './ingress/broken-request.ts';
import { createDirectory } from './ingress/directory.ts';
import { createDynamoDbStore } from './ingress/rate-limit/dynamodb-store.ts';
import { createFailureLimiter } from './ingress/rate-limit/limiter.ts';
import { createMemoryStore } from './ingress/rate-limit/memory-store.ts';
import { createRecentIds } from './ingress/recent-ids.ts';
import type { Logger } from './log.ts';
import type { BoardSpec } from './night/boards.ts';
import { boardsOf } from './settings/boards-file.ts';
import { slackAccessOf, type SlackAccess } from './settings/slack-access.ts';
import { createPublisher } from './queue/publisher.ts';
import type { QueueUrls } from './queue/topology.ts';
import { serve } from './server.ts';
import type { Slack } from './transports/slack/slack.ts';
import { standIns } from './stand-ins.ts';
import type { RoleName } from './store/role-names.ts';
import { beat, beatMs, leave, type RoleReport } from './store/roles.ts';
import { tableOf, type Store } from './store/store.ts';

export type StartOptions = {
  readonly settings: Settings;
  readonly roles: readonly RoleName[];
  /** The environment, for what transports are set up by. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Accepted with all scopes. */
  readonly bootstrapKey: string | undefined;
  readonly log: Logger;
};

export type Ronda = {
  /** Where it listens, like `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly queues: QueueUrls;
  /** Of the embedded engines, if there are any. */
  readonly engines: Endpoints | undefined;
  /** The page of the workspace that stands in for Slack, if one does. */
  readonly workspace: string | undefined;
  /**
   * Finishes what is in hand, then ends what was started; within `RONDA_DRAIN_SECONDS` and 10 s, whatever hangs.
   */
  readonly stop: () => Promise<void>;
};

/** How long what is in hand may take after a stop; redelivery does the rest. Real ms. */
const stopTimeoutMs = 8_000;
/** Load balancers ask every few seconds who is ready. */
const defaultDrainSeconds = 5;

/** A part of the program that runs until it is stopped. */
type Running = { readonly stop: () => Promise<void> };

/**
 * Starts roles: the one place where the parts meet. On the embedded engines it starts those and creates what
 * is missing as well.
 * @throws UsageError or DependencyError when that cannot be
 */
export async function startRonda({ settings, roles, env, bootstrapKey, log }: StartOptions): Promise<Ronda> {
  const boards = boardsOf(settings);
  const slackAccess = slackAccessFor(settings, roles);
  const transports = roles.includes('slack') ? await transportsFor(settings, env, boards) : [];
  const { clock, store, sqs, queues, engines, close } = await connect(settings, log, 'force');
  const drainMs = (settings.RONDA_DRAIN_SECONDS ?? (engines === undefined ? defaultDrainSeconds : 0)) * 1_000;
  let isDraining = false;
  // Those that take up work of their own stop at once; what requests need goes on until the last is answered.
  const receivers: Running[] = [];
  const servers: Running[] = [];
  const needed: Running[] = [];
  const lives: Running[] = [];
  const stop = async (): Promise<void> => {
    isDraining = true;
    const served = stopAll(servers).then(() => stopAll(needed));
    const stopped = Promise.all([stopAll(receivers), served]).then(() => stopAll(lives));
    await within(drainMs + stopTimeoutMs, stopped);
    await close();
  };
  try {
    let slack: Slack | undefined;
    const slackProblem = (): string | null => (slack === undefined ? 'it is starting' : slack.problem());
    const health = healthRoutes({
      ...{ roles, store, sqs: sqs.send, queues, log },
      slackProblem,
      isDraining: () => isDraining,
    });
    // A role is said to live before it takes anything up and until it has finished: what a consumer has in
    // hand holds the watermark back only while the consumer is known.
    let consumer: ConsumerRole | undefined;
    for (const role of roles) {
      const reports: Partial<Record<RoleName, () => RoleReport>> = {
        consumer: () => consumer?.report() ?? {},
        slack: () => ({ problem: slackProblem() }),
      };
      lives.push(await live(store, role, reports[role] ?? (() => ({})), log));
    }
    if (roles.includes('consumer')) {
      consumer = startConsumer({
        store,
        sqs,
        queues,
        boards,
        pollers: settings.RONDA_POLLERS,
        visibilitySeconds: settings.RONDA_VISIBILITY_SECONDS,
        clock,
        log,
      });
      receivers.push(consumer);
    }
    let workspace: string | undefined;
    if (roles.includes('slack')) {
      let access = slackAccess;
      if (access === undefined) {
        const local = await localSlack(engines, log, lives);
        access = { ...local.app, appToken: undefined, apiUrl: `${local.workspace}/api/` };
        workspace = local.workspace;
      }
      const started = await startWatching({
        ...{ settings, store, sqs, queues, boards, transports, access, clock, log },
      });
      slack = started.slack;
      receivers.push(started.watch);
      (access.appToken === undefined ? needed : receivers).push({
        stop: async () => {
          await started.slack.stop();
          await started.publisher.close();
        },
      });
    }
    const app = createApp({
      api: roles.includes('ingress')
        ? apiOf({ settings, boards, store, queues, sqs: sqs.send, bootstrapKey, clock }, needed)
        : undefined,
      health,
      slack: slack?.requests,
      trustProxy: settings.TRUST_PROXY,
      ...{ clock, log },
    });
    const { HOST, PORT } = settings;
    const host = HOST ?? (engines === undefined ? '0.0.0.0' : '127.0.0.1');
    const { url, stop: stopServing } = await serve(app, {
      ...{ host, port: PORT, drainMs },
      answerBroken: answerBroken(clock, log),
    });
    servers.push({ stop: stopServing });
    if (workspace !== undefined && slack !== undefined)
      await (await standIns()).registerApp(workspace, `${url}${slack.path}`);
    return { url, queues, engines, workspace, stop };
  } catch (error) {
    await stop();
    throw asUsersSee(error);
  }
}

type WatchParts = Pick<Connection, 'store' | 'sqs' | 'queues' | 'clock'> & {
  readonly settings: Settings;
  readonly boards: ReturnType<typeof boardsOf>;
  readonly transports: readonly Transport[];
  readonly access: SlackAccess;
  readonly log: Logger;
};

/**
 * The transports beside Slack.
 * @throws UsageError for settings that cannot be used, and for routes to what is not set up
 */
async function transportsFor(
  settings: Settings,
  env: StartOptions['env'],
  boards: readonly BoardSpec[],
): Promise<Transport[]> {
  const { configuredTransports } = await import('./transports/registry.ts');
  const transports = configuredTransports(env, clockOf(settings));
  const problems = routeProblems(
    boards,
    transports.map(({ name }) => name),
  );
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return transports;
}

/** The watch, and the transports that it delivers by. What only the role of it needs is loaded with it. */
async function startWatching(parts: WatchParts) {
  const { settings, store, sqs, queues, boards, transports, access, clock, log } = parts;
  const [{ startSlack }, { startWatchRole }, { createCoverageMonitor }] = await Promise.all([
    import('./transports/slack/slack.ts'),
    import('./watch/role.ts'),
    import('./watch/coverage-monitor.ts'),
  ]);
  const coverageMonitor = createCoverageMonitor(store, clock);
  const publisher = createPublisher(sqs.send, queues.events.url);
  const common = {
    ...{ store, boards, clock, log },
    stale: { defaultTimeoutMs: settings.STALE_AFTER_MINUTES * 60_000 },
    leaseSeconds: settings.RONDA_LEASE_SECONDS,
  };
  const slack = startSlack({
    ...common,
    ...{ access, publisher },
    coverage: coverageMonitor.current,
    tableKind: settings.SLACK_TABLE,
    allowExternal: settings.SLACK_ALLOW_EXTERNAL,
  });
  const watch = startWatchRole({
    ...common,
    ...{ sqs, queues, coverageMonitor },
    displayOf: slack.displayOf,
    transports: [...slack.transports, ...transports],
    live: settings.EOD_LIVE,
    // Nobody's limits are used up on one's own machine, and a first event is to be seen at once.
    liveEveryMs: settings.RONDA_BACKEND === 'embedded' ? 1_000 : undefined,
    staleCheckMs: settings.STALE_CHECK_MINUTES * 60_000,
    visibilitySeconds: settings.RONDA_VISIBILITY_SECONDS,
  });
  return { slack, watch, publisher };
}

/**
 * @returns undefined where a workspace on this machine stands in for Slack
 * @throws UsageError where nobody would see that it does, and every alert would be delivered to nobody
 */
function slackAccessFor(settings: Settings, roles: readonly RoleName[]): SlackAccess | undefined {
  const access = slackAccessOf(settings);
  const isWithoutSlack = access === undefined && roles.includes('slack') && settings.RONDA_BACKEND === 'aws';
  if (isWithoutSlack && !settings.SLACK_STAND_IN) {
    throw new UsageError(
      'The role slack needs SLACK_BOT_TOKEN with RONDA_BACKEND=aws. ' +
        'SLACK_STAND_IN=true starts it without: then a workspace in this process shows what nobody is told.',
    );
  }
  return access;
}

async function stopAll(running: Running[]): Promise<void> {
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
}

/** The workspace of the engines; without engines this process brings one of its own. */
async function localSlack(
  engines: Connection['engines'],
  log: Logger,
  running: Running[],
): Promise<{ readonly app: LocalApp; readonly workspace: string }> {
  if (engines !== undefined) return { app: engines.app, workspace: engines.slack };
  const { newLocalApp, startWorkspace } = await standIns();
  const app = newLocalApp();
  const { url, stop } = await startWorkspace({ ...app, port: 0, clock: createClock() });
  running.push({ stop });
  log.warn({ url }, 'no SLACK_BOT_TOKEN: a workspace in this process stands in for Slack');
  return { app, workspace: url };
}

type IngressParts = {
  readonly settings: Settings;
  readonly boards: readonly BoardSpec[];
  readonly store: Store;
  readonly queues: QueueUrls;
  readonly sqs: SQSClient;
  readonly bootstrapKey: string | undefined;
  readonly clock: Clock;
};

function apiOf(parts: IngressParts, running: Running[]): Api {
  const { settings, boards, store, queues, sqs, bootstrapKey, clock } = parts;
  const publisher = createPublisher(sqs, queues.events.url);
  running.push({ stop: publisher.close });
  const limit = settings.RATE_LIMIT_PER_MINUTE;
  return {
    service: {
      store,
      boards,
      verdicts: createVerdictReader(store, boards),
      stale: { defaultTimeoutMs: settings.STALE_AFTER_MINUTES * 60_000 },
      publisher,
      directory: createDirectory(store, clock),
      recentIds: createRecentIds(),
      idConvention: idConventionOf(settings),
      clock,
    },
    authenticate: createAuthenticator(store, clock, bootstrapKey),
    failures: createFailureLimiter({ limit, clock }),
    rateStore:
      settings.RATE_LIMIT_STORE === 'dynamodb'
        ? createDynamoDbStore({ limit, clock, client: store.client, tableName: tableOf(store, 'rateLimits') })
        : createMemoryStore({ limit, clock }),
  };
}

/** Sends a role's heartbeats, with what it has to report. */
async function live(store: Store, role: RoleName, report: () => RoleReport, log: Logger): Promise<Running> {
  const instance = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const since = store.clock.real();
  const stopped = new AbortController();
  await beat(store, { role, instance, since, ...report() });
  const beating = (async () => {
    for (;;) {
      await pause(beatMs, stopped.signal);
      if (stopped.signal.aborted) return;
      await beat(store, { role, instance, since, ...report() }).catch((error: unknown) => {
        log.warn({ err: error, role }, 'role heartbeat failed');
      });
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await beating;
      await leave(store, role, instance).catch((error: unknown) => {
        log.warn({ err: error, role }, 'role could not be signed off');
      });
    },
  };
}
