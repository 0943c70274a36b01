import { describe, expect, test } from '@jest/globals';
import { clientOf } from './workspace-fixtures.ts';
import { openTestWorkspace } from './open-workspace.ts';

const { workspace } = await openTestWorkspace();

type File = { readonly path: string; readonly status: number; readonly type: string; readonly text: string };

async function get(path: string): Promise<File> {
  const response = await fetch(`${workspace.url}${path}`);
  const type = response.headers.get('content-type') ?? '';
  return { path, status: response.status, type, text: await response.text() };
}

/** Everything in a file that a browser would fetch because of it. */
function references({ path, type, text }: File): string[] {
  const pattern = type.startsWith('text/html')
    ? /(?:src|href)="([^"#][^"]*)"/g
    : /(?:^import[^;]*? from |^import |url\()'([^']+)'/gm;
  return [...text.matchAll(pattern)].map(([, to = '']) => new URL(to, `${workspace.url}${path}`).href);
}

/** The page and all that it is made of. */
async function wholePage(): Promise<File[]> {
  const files = new Map<string, File>();
  const open = ['/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path)) continue;
    const file = await get(path);
    files.set(path, file);
    for (const href of references(file)) {
      expect(href.startsWith(`${workspace.url}/`)).toBe(true);
      open.push(new URL(href).pathname);
    }
  }
  return [...files.values()];
}

describe('the page', () => {
  test('lets nothing run or load but what this workspace serves', async () => {
    const response = await fetch(workspace.url);
    const policy = response.headers.get('content-security-policy')?.split(';') ?? [];
    expect(policy).toContain("default-src 'self'");
    expect(policy.join()).not.toMatch(/unsafe|\*|data:|https?:/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('needs nothing that the policy forbids: no script, style or handler in the HTML', async () => {
    const { text } = await get('/');
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
    expect(text.match(/<script[^>]*>[^<]*/g)).toEqual(['<script type="module" src="/page/main.js">']);
  });

  test('is whole: every file that it refers to, however deep, is served as what it is', async () => {
    const files = await wholePage();
    const types: Record<string, RegExp> = { js: /^text\/javascript/, css: /^text\/css/, svg: /^image\/svg/ };
    for (const { path, status, type, text } of files.filter(({ path }) => path !== '/')) {
      expect([path, status]).toEqual([path, 200]);
      expect(type).toMatch(types[path.split('.').at(-1) ?? ''] ?? /^no such type$/);
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
    }
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/page/page.css', '/page/icon.svg', '/page/text.js']));
  });

  test('has every element that its script asks for by its id', async () => {
    const { text } = await get('/');
    const script = (await get('/page/main.js')).text;
    const asked = [...script.matchAll(/\bpart\('([\w-]+)'\)/g)].map(([, id]) => id);
    expect(asked).toContain('messages');
    expect(asked.filter((id) => !text.includes(`id="${id}"`))).toEqual([]);
  });

  test.each([
    '/page/page.d.ts',
    '/page/tsconfig.json',
    '/page/../state.ts',
    '/page/%2e%2e/state.ts',
    '/page/',
  ])('does not serve %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  test('is where a permalink leads, with the message behind the #', async () => {
    const client = clientOf(workspace);
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0RONDA', text: 'a board' });
    const { permalink = '' } = await client.chat.getPermalink({ channel: 'C0RONDA', message_ts: ts });
    const response = await fetch(permalink, { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(`/#C0RONDA/p${ts.replace('.', '')}`);
  });
});
