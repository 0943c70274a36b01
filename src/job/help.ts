export const form = 'ronda run ID [options] -- COMMAND [ARGUMENTS]';

type Flag = { readonly name: string; readonly value?: string; readonly meaning: string };

export const flags: readonly Flag[] = [
  { name: 'service', value: 'NAME', meaning: 'its service (default: ID up to the first : or .)' },
  { name: 'job', value: 'NAME', meaning: "its name (default: the rest of ID, or the command's)" },
  { name: 'heartbeat', value: 'TIME', meaning: 'how often to say it lives; 0: never (default: 60s)' },
  { name: 'url', value: 'URL', meaning: 'of Ronda (default: RONDA_URL, http://127.0.0.1:3000)' },
  { name: 'key', value: 'KEY', meaning: 'better in RONDA_API_KEY: others see a command line' },
  { name: 'pass-key', meaning: "leave RONDA_API_KEY in the job's environment" },
  { name: 'patience', value: 'TIME', meaning: 'how long to try on after its end (default: 10s)' },
  { name: 'no-register', meaning: 'do not register an ID that Ronda does not know' },
  { name: 'no-capture', meaning: 'leave it the terminal; its output is in no report' },
  { name: 'json', meaning: "Ronda's warnings on stderr as JSON, one a line" },
];

const width = Math.max(...flags.map(({ name, value = '' }) => `--${name} ${value}`.length));

/** Fits a screen of 24 lines and 80 columns. */
export const help = `Usage: ${form}
Run a job and report on it; output, exit code, signals pass unchanged.

${flags.map(({ name, value = '', meaning }) => `  ${`--${name} ${value}`.padEnd(width)}  ${meaning}`).join('\n')}

Exit codes: the job's, 128+n for signal n; 126, 127; 125: it was not begun.
What Ronda cannot be told now is kept (RONDA_SPOOL_DIR), sent by a later run.
Node takes from a job what "ronda-run" (same options) gives back: ignored
signals, its limit of open files, real-time signals, NODE_OPTIONS, and of the
descriptors above 2 event queues, both ends of one pipe, and /dev/null.

Examples:
  $ ronda run billing:close-day -- sh -c 'echo closed'
  $ ronda run backup --heartbeat 5m --patience 1m -- tar -cf /dev/null .
  $ ronda run nightly.report --service reports --job Report -- true
`;
