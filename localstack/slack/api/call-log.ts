import type { Clock } from '../../../src/clock.ts';
import type { Arguments } from './arguments.ts';

/** A call of the Web API as it was received. */
export type LoggedCall = {
  readonly method: string;
  /** Real time of arrival, ms UTC. */
  readonly at: number;
  /** Without the token; blocks and views are only counted. */
  readonly args: Arguments;
  /** What the caller was told; null while, or because, it was told nothing. */
  ok: boolean | null;
  /** Whether the method did its work, whatever the caller was told. */
  worked: boolean;
  error?: string;
  fault?: string;
};

export type CallLog = {
  readonly begin: (method: string, args: Arguments) => LoggedCall;
  readonly list: () => readonly LoggedCall[];
  readonly clear: () => void;
};

const maxCalls = 10_000;

/** Every call, for tests that ask what was sent, and how often. The last 10,000 are kept. */
export function createCallLog(clock: Clock): CallLog {
  let calls: LoggedCall[] = [];
  return {
    begin: (method, args) => {
      const { blocks, view, ...rest } = args;
      const call: LoggedCall = {
        method,
        at: clock.real(),
        args: {
          ...rest,
          ...(blocks === undefined ? {} : { blocks: sizeOf(blocks) }),
          ...(view === undefined ? {} : { view: sizeOf(view) }),
        },
        ok: null,
        worked: false,
      };
      calls.push(call);
      if (calls.length > maxCalls) calls.shift();
      return call;
    },
    list: () => calls,
    clear: () => {
      calls = [];
    },
  };
}

/** Characters of JSON: what Slack's whole-message limit counts. */
function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}
