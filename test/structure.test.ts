import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { z } from 'zod';

/** Who may import whom, by asking the linter, since it is the linter that holds us to it. */
const root = fileURLToPath(new URL('..', import.meta.url));
/** Without types, which no rule that is asked here needs. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false, project: false } } },
  ],
});

const folders = {
  events: 'src/events',
  projections: 'projections',
  queue: 'src/queue',
  store: 'src/store',
  night: 'src/night',
  ingress: 'src/ingress',
  consumer: 'src/consumer',
  board: 'src/board',
  slack: 'src/transports/slack',
  watch: 'src/watch',
  alerts: 'src/alerts',
  operator: 'src/operator',
  job: 'src/job',
  health: 'src/health',
  localstack: 'localstack',
  test: 'test/support',
};

/** A file of each place: one that snippets are put into, and one that they import. A folder may be empty yet. */
const files: Record<string, string> = {
  ...Object.fromEntries(Object.entries(folders).flatMap(([place, folder]) => firstIn(place, folder))),
  clock: 'src/clock.ts',
  backoff: 'src/backoff.ts',
  printable: 'src/printable.ts',
  log: 'src/log.ts',
  errors: 'src/errors.ts',
  config: 'src/config.ts',
  aws: 'src/aws.ts',
  'in-parallel': 'src/in-parallel.ts',
  connect: 'src/connect.ts',
  main: 'src/main.ts',
  demo: 'src/demo.ts',
  server: 'src/server.ts',
  'stand-ins': 'src/stand-ins.ts',
  program: 'src/program.ts',
  stop: 'src/stop.ts',
  cli: 'src/cli.ts',
};

function firstIn(place: string, folder: string): [string, string][] {
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
  const first = names.toSorted().find((name) => /(?<!\.d)\.ts$/.test(name));
  return first === undefined ? [] : [[place, `${folder}/${first}`]];
}

const fileOf = (place: string): string => files[place] ?? '';

/** The places among `places` that a file in `from` is refused to import. */
async function refusedIn(from: string, places: readonly string[]): Promise<string[]> {
  const folder = dirname(fileOf(from));
  const imports = places.map((place) => `import '${specifier(folder, fileOf(place))}';`);
  const [result] = await eslint.lintText(`${imports.join('\n')}\n`, { filePath: join(root, fileOf(from)) });
  const lines = result?.messages
    .filter(({ ruleId }) => ruleId === 'import-x/no-restricted-paths')
    .map(({ line }) => places[line - 1] ?? '');
  return [...new Set(lines)];
}

function specifier(folder: string, file: string): string {
  const path = relative(folder, file);
  return path.startsWith('.') ? path : `./${path}`;
}

const rules = ['events', 'projections'];
const light = ['clock', 'backoff', 'errors', 'printable'];
const shared = [...light, 'log', 'config', 'aws', 'in-parallel'];
const plumbing = [...rules, ...shared, 'queue', 'store', 'night'];

describe('imports', () => {
  test.each<[string, string[]]>([
    ['events', []],
    ['projections', ['events']],
    ['night', ['events', 'projections']],
    ['queue', [...rules, ...shared]],
    ['store', [...rules, ...shared]],
    ['ingress', [...plumbing, 'board']],
    ['consumer', plumbing],
    ['board', plumbing],
    ['operator', [...plumbing, 'board', 'job']],
    ['alerts', [...rules, ...shared, 'store', 'night']],
    ['slack', [...plumbing, 'alerts', 'board']],
    ['watch', [...plumbing, 'alerts', 'board']],
    ['job', light],
  ])(
    'of %s: only %j are permitted, all else of ours is an error',
    async (from, permitted) => {
      const others = Object.keys(files).filter((place) => place !== from);
      const forbidden = others.filter((place) => !permitted.includes(place));
      expect(await refusedIn(from, others)).toEqual(forbidden);
    },
    60_000,
  );

  test('of main and cli may be anything', async () => {
    const all = Object.keys(files);
    expect(await refusedIn('main', all)).toEqual([]);
    expect(await refusedIn('cli', all)).toEqual([]);
  });

  test('within a folder are nobody’s business', async () => {
    expect(await refusedIn('events', ['events'])).toEqual([]);
  });

  test('are ruled for every folder and file of the sources', () => {
    const places = readdirSync(join(root, 'src')).map((name) => `src/${name}`);
    const ruled = [...Object.values(files), ...Object.values(folders)];
    const isRuled = (place: string): boolean =>
      ruled.some((one) => one === place || one.startsWith(`${place}/`));
    expect(places.filter((place) => !isRuled(place))).toEqual([]);
  });
});

/** What a file loads when it is started: our own files by their paths, and packages by their names. */
function loadedBy(file: string): string[] {
  const seen = new Set<string>();
  const load = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, from = ''] of readFileSync(path, 'utf8').matchAll(
      /^(?:import|export|\})(?! type).*? from '([^']+)';$/gm,
    )) {
      if (from.startsWith('.')) load(resolve(dirname(path), from));
      else seen.add(from);
    }
  };
  load(join(root, file));
  return [...seen].map((one) => one.replace(root, ''));
}

describe('what is loaded', () => {
  test('by ronda run is nothing from other packages, and of ours only what may be imported', () => {
    const all = loadedBy('src/job/main.ts');
    expect(
      all.filter((one) => !/^(?:node:|src\/job\/|src\/(?:clock|backoff|errors|printable)\.ts$)/.test(one)),
    ).toEqual([]);
    expect(all.length).toBeGreaterThan(20);
  });

  test('by every other command before it asks for stand-ins is what a production install has', () => {
    const manifest = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const installed = Object.keys(manifest.dependencies);
    const all = loadedBy('src/program.ts');
    expect(all.filter((one) => one.startsWith('localstack/'))).toEqual([]);
    expect(
      all.filter((one) => !one.includes('.ts') && !one.startsWith('node:') && !installed.includes(one)),
    ).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
  });
});

/** Every circle among files, each as the path around it. `importsOf` gives what a file imports. */
function circles(all: readonly string[], importsOf: (file: string) => readonly string[]): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const next of importsOf(file)) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of all) walk(file, []);
  return found;
}

describe('circles', () => {
  test('are found where there are any', () => {
    const graph: Record<string, string[]> = { a: ['b', 'd'], b: ['c'], c: ['b'], d: ['c'] };
    expect(circles(['a'], (file) => graph[file] ?? [])).toEqual([['b', 'c', 'b']]);
    expect(circles(['a'], (file) => (file === 'a' ? ['a'] : []))).toEqual([['a', 'a']]);
  });

  test('are none among our files', () => {
    const sources = ['src', 'projections', 'localstack', 'test', 'bench'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
        .map((name) => join(root, folder, name)),
    );
    const importsOf = (file: string): string[] =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).*? from '(\.[^']+)';$/gm)].map(
        ([, path = '']) => resolve(dirname(file), path),
      );
    const imported = sources.flatMap(importsOf);
    expect(imported.length).toBeGreaterThan(sources.length);
    expect(imported.filter((file) => !existsSync(file))).toEqual([]);
    expect(circles(sources, importsOf)).toEqual([]);
  });
});

describe('the clock', () => {
  test.each(['Date.now();', 'new Date();'])('is read nowhere but in clock.ts: %s', async (code) => {
    const rule = 'no-restricted-syntax';
    const rulesIn = async (file: string) => {
      const [result] = await eslint.lintText(`${code}\n`, { filePath: join(root, file) });
      return result?.messages.map(({ ruleId }) => ruleId);
    };
    expect(await rulesIn('src/store/projections/record.ts')).toContain(rule);
    expect(await rulesIn('projections/history.ts')).toContain(rule);
    expect(await rulesIn('src/clock.ts')).not.toContain(rule);
  });
});
