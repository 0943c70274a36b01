import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { apply } from '../../../localstack/slack/changes.ts';
import { openJournal } from '../../../localstack/slack/journal.ts';
import { board, clientOf, section, send, startTestWorkspace, textsIn } from './workspace-fixtures.ts';

const channel = 'C0RONDA';
const dirs: string[] = [];
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ronda-workspace-'));
  dirs.push(dir);
});
afterAll(() => {
  for (const one of dirs) rmSync(one, { recursive: true });
});

async function startChild(): Promise<{ child: ChildProcess; url: string }> {
  const script = fileURLToPath(new URL('./workspace-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const url of createInterface({ input: child.stdout })) return { child, url };
  throw new Error('the workspace did not start');
}

describe('a workspace with a directory', () => {
  test('keeps messages, edits, deletions, people and the app over a restart', async () => {
    const first = await startTestWorkspace({ dir });
    const client = clientOf(first);
    await send(first, 'POST', '/control/channels', { id: 'G0OPS', name: 'ops' });
    await send(first, 'POST', '/control/users', { id: 'U0TUTI', name: 'tuti', email: 'tuti@example.com' });
    await send(first, 'POST', '/control/app', { request_url: 'http://127.0.0.1:9/slack/events' });
    const posted = await client.chat.postMessage({
      channel,
      text: 'a',
      blocks: [section('a')],
      metadata: board,
    });
    const ts = String(posted.ts);
    await client.chat.postMessage({ channel, text: 'reply', thread_ts: ts });
    const gone = await client.chat.postMessage({ channel, text: 'gone' });
    await client.chat.delete({ channel, ts: String(gone.ts) });
    await client.chat.update({ channel, ts, text: 'b', blocks: [section('b')] });
    const before = await send(first, 'GET', '/control/messages');
    const home = { type: 'home' as const, blocks: [section('home')] };
    await client.views.publish({ user_id: 'U0TUTI', view: home });
    const state = await send(first, 'GET', '/ui/state');
    await first.stop();

    const second = await startTestWorkspace({ dir });
    expect(await send(second, 'GET', '/control/messages')).toEqual(before);
    expect(await send(second, 'GET', '/ui/state')).toEqual(state);
    expect(before.json).toMatchObject({
      messages: [
        {
          text: 'b',
          edits: 1,
          reply_count: 1,
          metadata: board,
          history: [{ text: 'a', metadata: board }],
        },
        { text: 'reply', thread_ts: ts },
      ],
    });
    const later = await clientOf(second).chat.postMessage({ channel, text: 'later' });
    expect(Number(later.ts)).toBeGreaterThan(Number(gone.ts));
    await second.stop();
  });

  test('loses nothing that it answered when it is killed', async () => {
    const { child, url } = await startChild();
    const client = clientOf({ url, stop: () => Promise.resolve() });
    const answered: string[] = [];
    const posts = Array.from({ length: 40 }, async (_, n) => {
      await client.chat.postMessage({ channel, text: `message ${n}` });
      answered.push(`message ${n}`);
      if (answered.length === 20) child.kill('SIGKILL');
    });
    await Promise.allSettled(posts);
    const again = await startTestWorkspace({ dir });
    expect(answered.length).toBeGreaterThanOrEqual(20);
    expect(await textsIn(again)).toEqual(expect.arrayContaining(answered));
    await again.stop();
  });

  test('starts from a journal whose last line is torn, and refuses one broken elsewhere', async () => {
    const first = await startTestWorkspace({ dir });
    await clientOf(first).chat.postMessage({ channel, text: 'whole' });
    await first.stop();
    const journal = join(dir, 'workspace.jsonl');
    appendFileSync(journal, '{"kind":"posted","mess');
    const second = await startTestWorkspace({ dir });
    expect(await textsIn(second)).toEqual(['whole']);
    await second.stop();
    const lines = readFileSync(journal, 'utf8').split('\n').length - 1;
    appendFileSync(journal, 'no change\n');
    await expect(startTestWorkspace({ dir })).rejects.toThrow(
      `line ${lines + 1} is no change of a workspace`,
    );
  });
});

test('a journal is shortened when it has grown, and says the same', () => {
  const journal = openJournal(dir, 2_000);
  const lines: number[] = [];
  let workspace = journal.workspace;
  for (let n = 1; n <= 50; n += 1) {
    const name = `name-${n}`;
    const edit = { kind: 'channel' as const, channel: { id: channel, name, archived: false, member: true } };
    workspace = apply(workspace, edit);
    journal.append(edit, workspace);
    lines.push(readFileSync(join(dir, 'workspace.jsonl'), 'utf8').split('\n').length - 1);
  }
  journal.close();
  expect(Math.max(...lines)).toBeLessThan(40);
  const again = openJournal(dir);
  expect(again.workspace).toEqual(workspace);
  expect(again.workspace.channels.get(channel)?.name).toBe('name-50');
  again.close();
});

test('a workspace without a directory forgets', async () => {
  const first = await startTestWorkspace();
  await clientOf(first).chat.postMessage({ channel, text: 'a' });
  await first.stop();
  const second = await startTestWorkspace();
  expect(await textsIn(second)).toEqual([]);
  await second.stop();
});
