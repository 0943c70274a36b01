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

/** Whether a file may import another, by their paths. */
async function mayImportFile(from: string, to: string): Promise<boolean> {
  const path = relative(dirname(from), to);
  const code = `import '${path.startsWith('.') ? path : `./${path}`}';\n`;
  const [result] = await eslint.lintText(code, { filePath: join(root, from) });
  return result?.messages.every(({ ruleId }) => ruleId !== 'import-x/no-restricted-paths') === true;
}

/** The linter's own table, which is plain JavaScript. */
const config: unknown = await import(new URL('../eslint.config.js', import.meta.url).href);
const { mayImport, rooms } = z
  .object({ mayImport: z.record(z.string(), z.array(z.string())), rooms: z.array(z.string()) })
  .parse(config);
const roles = ['src/ingress', 'src/consumer', 'src/watch', 'src/transports/slack', 'src/operator', 'src/job'];

describe('imports', () => {
  test('of the domain lead to no transport and no role, and no role imports another', () => {
    for (const [from, permitted] of Object.entries(mayImport)) {
      // What is simulated is sent as jobs send it, and the operator's tool wraps them.
      const own = ['src/operator', 'src/simulate'].includes(from) ? ['src/job'] : [];
      expect([from, permitted.filter((one) => roles.includes(one) && !own.includes(one))]).toEqual([
        from,
        [],
      ]);
    }
  });

  test('of the rules lead to rules alone, and events import nothing of ours', () => {
    expect(mayImport['src/events']).toEqual([]);
    expect(mayImport['projections']).toEqual(['src/events']);
    expect(mayImport['src/night']).toEqual(['src/events', 'projections']);
  });

  test.each([
    ['src/events/event.ts', 'src/store/store.ts', false],
    ['src/night/board.ts', 'src/log.ts', false],
    ['src/alerts/opening.ts', 'src/transports/slack/api.ts', false],
    ['src/transports/slack/slack.ts', 'src/operator/commands.ts', false],
    ['src/ingress/app.ts', 'src/main.ts', false],
    ['src/job/run.ts', 'src/log.ts', false],
    ['src/board/notes.ts', 'src/alerts/opening.ts', false],
    ['src/board/notes.ts', 'src/alerts/cause-line.ts', true],
    ['src/store/store.ts', 'test/support/harness.ts', false],
    ['src/consumer/role.ts', 'localstack/engines.ts', false],
    ['src/ingress/app.ts', 'src/store/store.ts', true],
    ['src/events/event.ts', 'src/events/order.ts', true],
    ['src/main.ts', 'src/transports/slack/slack.ts', true],
  ])('of %s from %s: permitted is %s', async (from, to, expected) => {
    expect(await mayImportFile(from, to)).toBe(expected);
  });

  test('are ruled for every folder and file of the sources', () => {
    const places = readdirSync(join(root, 'src')).map((name) => `src/${name}`);
    const isRuled = (place: string): boolean =>
      rooms.some((room) => room === place || room.startsWith(`${place}/`));
    expect(places.filter((place) => !isRuled(place))).toEqual([]);
  });
});

/**
 * What a file loads when it is started: our own files by their paths, and packages by their names.
 * @param later whether what it imports only when it is asked for counts, too
 */
function loadedBy(file: string, later: (path: string) => boolean = () => false): string[] {
  const seen = new Set<string>();
  const load = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, from = ''] of [
      ...text.matchAll(/^(?:import|export|\})(?! type).*? from '([^']+)';$/gm),
      ...(later(path) ? text.matchAll(/\bimport\('([^']+)'\)/g) : []),
    ]) {
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
      all.filter(
        (one) => !/^(?:node:|src\/job\/|src\/(?:clock|backoff|duration|errors|printable)\.ts$)/.test(one),
      ),
    ).toEqual([]);
    expect(all).not.toContain('node:http');
    expect(all.length).toBeGreaterThan(20);
  });

  test('by every other command line before its command is asked for is, of packages, commander', () => {
    const all = loadedBy('src/program.ts');
    expect(all.filter((one) => !one.endsWith('.ts') && !one.startsWith('node:'))).toEqual(['commander']);
    // As a module it loads all that it has, HTTP/2 and WebSocket among it.
    expect(all).not.toContain('node:http');
    expect(all.filter((one) => /^src\/operator\/.*command\.ts$/.test(one)).length).toBeGreaterThan(12);
  });

  test('by every other command before it asks for stand-ins is what a production install has', () => {
    const manifest = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const installed = Object.keys(manifest.dependencies);
    const all = loadedBy('src/program.ts', (path) => !path.endsWith('/stand-ins.ts'));
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
