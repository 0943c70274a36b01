/** A terminal sends Ctrl-C to npm and to us, and npm passes it on: within this it is one. Real ms. */
const echoMs = 1_000;
const lookEveryMs = 250;
const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Resolves, with why, once this process is to end: at Ctrl-C or SIGTERM, or when npm started it and its parent is gone
 * (unless `byNpm` is false). A second signal ends it at once.
 */
export async function untilStopped({ byNpm = true } = {}): Promise<string> {
  const why = await new Promise<string>((resolve) => {
    for (const signal of signals) process.on(signal, resolve);
    if (byNpm && process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(resolve);
  });
  setTimeout(() => {
    for (const signal of signals) process.on(signal, () => process.exit(130));
  }, echoMs).unref();
  return why;
}

/**
 * npm runs scripts through a shell, perhaps through a launcher of node, too. These end by a signal that npm hands on to
 * them, and hand it on to nobody: we would run on, unknown to whoever started us, and keep the port.
 */
function whenOrphaned(end: (why: string) => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    end('npm has ended');
  }, lookEveryMs).unref();
}
