import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { UsageError } from '../../errors.ts';

/** Bytes as the system has them, each as one character (Latin-1): an argument or a variable need not be UTF-8. */
export type Bytes = string;

/** What a job is to have of whoever called us, unchanged. */
export type Caller = {
  readonly env: readonly (readonly [name: Bytes, value: Bytes])[];
  /** The descriptors above 2 that were open. */
  readonly descriptors: readonly number[];
  /** What bin/ronda-run has noted before Node changed it; undefined: it does not stand in front of us. */
  readonly launcher: Launcher | undefined;
};

export type Launcher = {
  /** The soft limit of open files, as `ulimit` has it. */
  readonly openFiles: string;
  /** Numbers. */
  readonly ignoredSignals: readonly number[];
  readonly descriptors: readonly number[];
};

const launcherVariable = 'RONDA_RUN_LAUNCHER';
/** Under such names the launcher keeps from Node what is the job's. */
const keptPrefix = 'RONDA_RUN_KEPT_';

/** Of the launcher's note: its process id, the limit, the ignored signals as a mask, the open descriptors. Pure. */
export function launcherOf(note: string, parent: number): Launcher | undefined {
  const [pid, openFiles = '', mask = '', descriptors = ''] = note.split(' ');
  // A note of another run may be left in an environment.
  if (pid !== String(parent)) return undefined;
  return {
    openFiles,
    ignoredSignals: /^[0-9a-f]{1,16}$/i.test(mask) ? signalsIn(BigInt(`0x${mask}`)) : [],
    descriptors: descriptors.split(',').filter(Boolean).map(Number).filter(isInherited),
  };
}

const isInherited = (fd: number): boolean => Number.isInteger(fd) && fd > 2 && fd < 4_096;

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html: bit n is signal n + 1. */
function signalsIn(mask: bigint): number[] {
  return Array.from({ length: 64 }, (_, n) => n + 1).filter((n) => ((mask >> BigInt(n - 1)) & 1n) === 1n);
}

/** What this process was given. */
export function readCaller(): Caller {
  const launcher = launcherOf(process.env[launcherVariable] ?? '', process.ppid);
  // A shell drops variables whose names are none to it, and adds its own: what it was given itself counts.
  const env =
    (launcher === undefined ? undefined : environmentOf(process.ppid)) ??
    environmentOf('self') ??
    ownEnvironment();
  return {
    env: withoutNotes(env),
    descriptors: launcher?.descriptors ?? inheritedDescriptors(descriptorTargets()),
    launcher,
  };
}

type Variables = readonly (readonly [Bytes, Bytes])[];

function environmentOf(pid: number | 'self'): Variables | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return entries.map(variableOf).filter((variable) => variable !== undefined);
  } catch {
    return undefined;
  }
}

function variableOf(entry: Bytes): readonly [Bytes, Bytes] | undefined {
  const equals = entry.indexOf('=');
  return equals < 1 ? undefined : [entry.slice(0, equals), entry.slice(equals + 1)];
}

/** Where there is no /proc: all that Node knows, as UTF-8. */
function ownEnvironment(): Variables {
  return Object.entries(process.env).map(([name, value = '']) => [toBytes(name), toBytes(value)]);
}

/** Without what the launcher told us, and with what it kept from Node. Pure. */
export function withoutNotes(env: Variables): Variables {
  return env
    .filter(([name]) => name !== launcherVariable)
    .map(([name, value]) => [name.startsWith(keptPrefix) ? name.slice(keptPrefix.length) : name, value]);
}

/**
 * The last words of our command line as they were given. Node has them as UTF-8 alone.
 * @throws UsageError where they are not, and there is no /proc that knows better
 */
export function bytesOf(args: readonly string[]): Bytes[] {
  try {
    const all = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
    const last = all.slice(all.length - args.length);
    if (last.length === args.length && last.every((bytes, n) => fromBytes(bytes) === args[n])) return last;
  } catch {
    // There is no /proc.
  }
  if (args.some((word) => word.includes('\uFFFD')))
    throw new UsageError('The command holds bytes that are no UTF-8, which cannot be passed on here.');
  return args.map(toBytes);
}

/** A text's UTF-8, one character a byte. */
export function toBytes(text: string): Bytes {
  return Buffer.from(text).toString('latin1');
}

/** As text; what is no UTF-8 becomes U+FFFD. */
export function fromBytes(bytes: Bytes): string {
  return Buffer.from(bytes, 'latin1').toString();
}

/** Whether bytes are UTF-8. */
export function isText(bytes: Bytes): boolean {
  return isUtf8(Buffer.from(bytes, 'latin1'));
}

type Targets = ReadonlyMap<number, { readonly target: string; readonly isReadOnly: boolean }>;

/** Every open descriptor of this process, and what it leads to. */
function descriptorTargets(): Targets {
  const targets = new Map<number, { target: string; isReadOnly: boolean }>();
  try {
    for (const name of readdirSync('/proc/self/fd')) {
      try {
        const target = readlinkSync(`/proc/self/fd/${name}`);
        const [, flags = ''] =
          /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, 'latin1')) ?? [];
        targets.set(Number(name), { target, isReadOnly: /[04]$/.test(flags) });
      } catch {
        // The one that the folder itself was read with.
      }
    }
  } catch {
    // There is no /proc: nothing is known.
  }
  return targets;
}

/**
 * Of all descriptors those that whoever called us has opened. Node's own are event queues, pipes of which it holds
 * both ends, and /dev/null: the same of a caller's cannot be told from them. Pure.
 */
export function inheritedDescriptors(all: Targets): number[] {
  const targets = [...all.values()].map(({ target }) => target);
  const isNodes = ({ target, isReadOnly }: { target: string; isReadOnly: boolean }): boolean =>
    target.startsWith('anon_inode:') ||
    (target.startsWith('pipe:') && targets.filter((one) => one === target).length > 1) ||
    (target === '/dev/null' && isReadOnly);
  return [...all]
    .filter(([fd, of]) => isInherited(fd) && !isNodes(of))
    .map(([fd]) => fd)
    .sort((a, b) => a - b);
}
