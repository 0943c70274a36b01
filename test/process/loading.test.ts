import { readFile } from 'node:fs/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { newDataDir } from '../localstack/fixtures.ts';
import { undone } from '../support/undo.ts';
import { run } from './program.ts';

/** Starting real processes takes as long as the machine's other work lets it. */
jest.setTimeout(120_000);

const undo = undone(afterEach);

/** Notes every module that a process loads, and leaves the list in a file when it ends. */
const notesModules = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const loaded = [];
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
process.on('exit', () => writeFileSync(process.env.LOADED, loaded.join('\\n')));
`;

/** The packages that a command line loads, and the built-in modules that it imports. */
async function loadedBy(
  line: string,
): Promise<{ code: number | null; packages: string[]; builtIn: string[] }> {
  const LOADED = await newDataDir((step) => undo.push(step));
  const { code } = await run(line.split(' '), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(notesModules)}`,
    LOADED,
    RONDA_BACKEND: 'aws',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
  });
  const urls = (await readFile(LOADED, 'utf8')).split('\n');
  expect(urls.some((url) => url.endsWith('/src/cli.ts'))).toBe(true);
  const packages = urls.map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? '');
  return {
    code,
    packages: [...new Set(packages.filter((name) => name !== ''))].sort(),
    builtIn: urls.filter((url) => url.startsWith('node:')),
  };
}

test.each([
  ['--version', 0, ['commander']],
  ['--help', 0, ['commander']],
  ['state --help', 0, ['commander']],
  ['cook', 2, ['commander']],
  ['start cook', 2, ['commander']],
  ['keys revoke', 2, ['commander']],
  ['alerts resend', 2, ['commander']],
  ['state', 2, ['commander', 'zod']],
  ['events payroll --limit 0', 2, ['commander', 'zod']],
  ['audit --limit 0', 2, ['commander', 'zod']],
  ['dlq list --limit 0', 2, ['commander', 'zod']],
  ['run --help', 0, []],
  ['run', 125, []],
])('`ronda %s` (exit code %i) loads no packages but %j', async (line, code, packages) => {
  const loaded = await loadedBy(line);
  expect(loaded).toMatchObject({ code, packages });
  expect(loaded.builtIn).not.toContain('node:http');
});

const clients = /^(?:@aws-sdk|@smithy|@slack|express|sqs-consumer|pino)/;
const services = /^(?:@slack|express|sqs-consumer|helmet|pino-pretty)/;

test.each([
  ['apply nowhere.yaml', clients],
  ['export-config', clients],
  ['state payroll', services],
  ['night', services],
  ['events payroll', services],
  ['keys list', services],
  ['alerts list', services],
])('`ronda %s` loads nothing like %s', async (line, unwanted) => {
  const { code, packages } = await loadedBy(line);
  expect(code).toBe(2);
  expect(packages).toContain('zod');
  expect(packages.filter((name) => unwanted.test(name))).toEqual([]);
});
