import { z } from 'zod';
import { storedMessage, type StoredMessage } from '../../localstack/slack/state.ts';
import { startWorkspace } from '../../localstack/slack/workspace.ts';
import { localSigningSecret, localToken } from '../support/local-app.ts';
import { createClock, type Clock } from '../../src/clock.ts';
import { utc } from '../../src/events/time.ts';
import { scanRows } from '../../src/store/projections/scheduler-rows.ts';
import { onTestEngines, startProgram, type Program } from '../process/program.ts';
import { createBackend, type TestBackend } from '../support/harness.ts';
import { send } from '../support/queues.ts';
import { until } from '../support/until.ts';

/** A night with real `ronda` processes, engines of its own and a workspace where there is no Slack. */
export type SlackNight = {
  readonly backend: TestBackend;
  readonly clock: Clock;
  /** Of the workspace, without a slash at its end. */
  readonly slackUrl: string;
  /** Starts a process; it is killed at the end. */
  readonly start: (roles: readonly string[], env?: Readonly<Record<string, string>>) => Program;
  /** Sends reports to the queue, as services do. */
  readonly report: (...bodies: readonly object[]) => Promise<void>;
  /** Resolves once so many schedulers' states are there. */
  readonly known: (schedulers: number) => Promise<void>;
  /** Everything in the workspace, oldest first, replies too. */
  readonly messages: () => Promise<readonly WorkspaceMessage[]>;
  readonly calls: () => Promise<readonly WorkspaceCall[]>;
  /** Makes something go wrong, see `localstack/slack/faults.ts`; the faults before are over. */
  readonly fault: (...faults: readonly object[]) => Promise<void>;
  readonly atTheEnd: (step: () => unknown) => void;
  readonly close: () => Promise<void>;
};

export type WorkspaceMessage = Pick<
  StoredMessage,
  'ts' | 'thread_ts' | 'text' | 'blocks' | 'edits' | 'history'
> & {
  /** What it is: night and message key. */
  readonly key: string;
};

const call = z.object({
  method: z.string(),
  args: z.record(z.string(), z.unknown()),
  /** Whether the workspace did it, whatever the caller was told. */
  worked: z.boolean(),
});
export type WorkspaceCall = z.infer<typeof call>;

export type NightOptions = {
  /** Ronda's time as it begins: an ISO 8601 time with offset. */
  readonly at: string;
  readonly speed?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** Real seconds. Posts time out after a sixth of the lease. */
export const leaseSeconds = 3;
/** Starting real processes takes as long as the machine's other work lets it. Real ms. */
export const maxWaitMs = 240_000;

/** A test over a night of its own, which is closed whatever happens; several may go on at a time. */
export function onNight(
  options: NightOptions,
  test: (night: SlackNight) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const night = await openNight(options);
    try {
      await test(night);
    } finally {
      await night.close();
    }
  };
}

/** Opens a night. Close it, whatever happens. */
export async function openNight({ at, speed = 1, env = {} }: NightOptions): Promise<SlackNight> {
  const origin = createClock().real();
  const clock = createClock({ start: Date.parse(at), speed, origin });
  const steps: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  const backend = await createBackend({ clock, visibilitySeconds: 2 });
  steps.push(backend.close);
  const workspace = await startWorkspace({
    ...{ token: localToken, signingSecret: localSigningSecret },
    port: 0,
    clock: createClock(),
  });
  steps.push(workspace.stop);
  const settings = {
    ...onTestEngines(backend.prefix),
    SLACK_BOT_TOKEN: localToken,
    SLACK_SIGNING_SECRET: localSigningSecret,
    SLACK_CHANNEL: 'C0RONDA',
    SLACK_API_URL: `${workspace.url}/api/`,
    RONDA_LEASE_SECONDS: String(leaseSeconds),
    RONDA_CLOCK_START: at,
    RONDA_CLOCK_SPEED: String(speed),
    RONDA_CLOCK_ORIGIN: utc(origin),
    LOG_LEVEL: 'debug',
    ...env,
  };
  const control = async (method: string, what: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${workspace.url}/control/${what}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${what}: ${answer}`);
    return JSON.parse(answer);
  };

  return {
    backend,
    clock,
    slackUrl: workspace.url,
    start: (roles, own = {}) => {
      const program = startProgram(['start', ...roles, '--json'], { ...settings, ...own });
      steps.push(async () => {
        program.kill('SIGKILL');
        await program.ended;
      });
      return program;
    },
    report: async (...bodies) => {
      await Promise.all(bodies.map((body) => send(backend.sqs.send, backend.queues.events.url, body)));
    },
    known: async (schedulers) => {
      await until(
        `${schedulers} schedulers are known`,
        async () => (await Array.fromAsync(scanRows(backend.store))).length === schedulers,
        { timeoutMs: maxWaitMs, everyMs: 50 },
      );
    },
    messages: async () => {
      const { messages } = z
        .object({ messages: z.array(storedMessage) })
        .parse(await control('GET', 'messages'));
      return messages.map((one) => ({ ...one, key: String(one.metadata?.event_payload['key']) }));
    },
    calls: async () => z.object({ calls: z.array(call) }).parse(await control('GET', 'calls')).calls,
    fault: async (...faults) => {
      await control('DELETE', 'faults');
      for (const fault of faults) await control('POST', 'faults', fault);
    },
    atTheEnd: (step) => steps.push(step),
    close,
  };
}
