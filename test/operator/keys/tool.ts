import { z } from 'zod';
import type { Clock } from '../../../src/clock.ts';
import { addKeys } from '../../../src/operator/keys/command.ts';
import { startIngress, type TestBackend } from '../../support/harness.ts';
import { atTheEnd, openBackend } from '../../support/open.ts';
import { run, testCli } from '../test-cli.ts';

/** Tables of a test's own, whose clock stands still in real time too until a test moves it. */
export async function openKeys(start = '2026-11-23T12:00:00.000Z') {
  const time = { at: Date.parse(start) };
  const real = (): number => time.at;
  const clock: Clock = { now: real, real, monotonic: real, fromReal: (at) => at, isReal: true };
  const backend = await openBackend({ clock });
  return {
    backend,
    setTime: (at: string) => {
      time.at = Date.parse(at);
    },
    keys: (argv: readonly string[], options?: KeysOptions) => keys(backend, argv, options),
    /** Makes a key by the command, and gives what it printed. */
    create: async (...argv: string[]) => made.parse(await json(backend, ['create', ...argv])),
    rotate: async (...argv: string[]) => made.parse(await json(backend, ['rotate', ...argv])),
    list: async (...argv: string[]) => listed.parse(await json(backend, ['list', ...argv])).keys,
    /** Opens an ingress, and gives what calls it with a key. */
    openIngress: async () => {
      const ingress = await startIngress(backend);
      atTheEnd(ingress.stop);
      return async (key: string, method: string, path: string, body?: unknown) =>
        (await ingress.call(method, path, body, { 'x-api-key': key })).status;
    },
  };
}

type KeysOptions = { env?: Readonly<Record<string, string>>; answer?: boolean };

const key = z.object({
  key_id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  services: z.array(z.string()).nullable(),
  created_at: z.string(),
  expires: z.string().nullable(),
  revoked: z.string().nullable(),
  last_used: z.string().nullable(),
  replaces: z.string().nullable(),
  replaced_by: z.string().nullable(),
});
const listed = z.strictObject({ keys: z.array(z.strictObject(key.shape)), bootstrap: z.string().nullable() });
const made = key.extend({ key: z.string(), old_expires: z.string().optional() });

/** Runs `ronda keys`. `answer` is what is said when the command asks. */
async function keys(backend: TestBackend, argv: readonly string[], { env = {}, answer }: KeysOptions = {}) {
  const asked: string[] = [];
  const cli = testCli(backend, { env });
  const ask = (question: string): Promise<boolean> => {
    asked.push(question);
    return Promise.resolve(answer ?? true);
  };
  const code = await run(
    cli,
    (program, given) => {
      addKeys(program, given, ask);
    },
    ['keys', ...argv],
  );
  return { code, out: cli.out(), err: cli.err(), asked };
}

async function json(backend: TestBackend, argv: readonly string[]): Promise<unknown> {
  const { code, out, err } = await keys(backend, [...argv, '--json']);
  if (code !== 0) throw new Error(`keys ${argv.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out);
}
