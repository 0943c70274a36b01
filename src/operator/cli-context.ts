import type { Transport } from '../alerts/transport.ts';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../clock.ts';
import type { SettingRow, Settings } from '../config.ts';
import type { Logger } from '../log.ts';
import type { QueueUrls } from '../queue/topology.ts';
import type { Store } from '../store/store.ts';
import type { Output } from '../terminal.ts';

/** Tables and queues, as an operator's command finds them. */
export type CliConnection = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly store: Store;
  readonly sqs: { readonly send: SQSClient; readonly receive: SQSClient };
  readonly queues: QueueUrls;
  /** The workspace on this machine, where one stands in for Slack. */
  readonly workspace?:
    { readonly token: string; readonly signingSecret: string; readonly apiUrl: string } | undefined;
};

/** What every command of the operator's tool is given. */
export type CliContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For what was asked: with `--json` nothing else goes here. */
  readonly stdout: Output;
  /** For progress and warnings. */
  readonly stderr: Output;
  readonly log: () => Promise<Logger>;
  /** Who asks, for the audit: `user@host`. */
  readonly who: () => string;
  /** From now on, Ctrl-C and SIGTERM end the work in good order; a second one ends the process. */
  readonly stopAsked: () => AbortSignal;
  /**
   * Opens tables and queues, does the work and closes them, whatever comes of it.
   * @throws UsageError or DependencyError when they cannot be opened
   */
  readonly withConnection: <T>(work: (connection: CliConnection) => Promise<T>) => Promise<T>;
  /** The transports of alerts that this environment sets up. @throws UsageError for settings that cannot be used */
  readonly transportsOf: (connection: CliConnection) => Promise<readonly Transport[]>;
  /** What transports can be set up by, beside the settings of `config.ts`. */
  readonly transportSettings: () => Promise<readonly SettingRow[]>;
  /** What the process exits with once the command is done: one of `exit`, or what a wrapped command ended with. */
  readonly exitWith: (code: number) => void;
};

/**
 * `wrong`: the thing that was asked about is wrong. `usage`: bad usage, or something needed is unreachable.
 * `stopped`: by Ctrl-C or SIGTERM before its end, `brokenPipe`: nobody reads any more, both as shells have it.
 */
export const exit = { done: 0, wrong: 1, usage: 2, stopped: 130, brokenPipe: 141 } as const;
