import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createClock } from '../../../src/clock.ts';
import { utc } from '../../../src/events/time.ts';
import { usersEditor, type Editor } from '../../../src/operator/dlq/edit.ts';
import type { TestBackend } from '../../support/harness.ts';
import { attributesOf, depth, receive } from '../../support/queues.ts';
import { bury, dlq, openBackends } from './dead-letters.ts';

const { backendOf } = openBackends();

const sentAt = utc(createClock().real() - 3 * 86_400_000);
const bad = '{"type":"heartbeat","scheduler_id":"a b"}';
const good = '{"type":"heartbeat","scheduler_id":"a-b"}';

async function withLetter(): Promise<TestBackend> {
  const backend = await backendOf();
  await bury(backend, bad, {
    id: 'first-copy',
    sentAt,
    reason: 'scheduler_id: no',
  });
  return backend;
}

const editorOf = (EDITOR: string, VISUAL?: string): Editor => usersEditor({ EDITOR, VISUAL }, false);

async function liveBodies({ sqs, queues }: TestBackend): Promise<(string | undefined)[]> {
  const { waiting } = await depth(sqs.send, queues.events.url);
  const messages = waiting === 0 ? [] : await receive(sqs.receive, queues.events.url);
  return messages.map(({ Body }) => Body);
}

test('a mended body goes back under the first id and time', async () => {
  const backend = await withLetter();
  const { code, out, err } = await dlq(backend, ['redrive', '--edit'], {
    editor: editorOf("sed -i 's/a b/a-b/'"),
  });
  expect({ code, out }).toEqual({ code: 0, out: '1 message redriven, 0 skipped, 0 failed.\n' });
  // What it is about stands before the editor opens.
  expect(err).toContain('  reason  scheduler_id: no\n');
  const [live] = await receive(backend.sqs.receive, backend.queues.events.url);
  expect(live?.Body).toBe(good);
  expect(live === undefined ? {} : attributesOf(live)).toEqual({
    'ronda-message-id': 'first-copy',
    'ronda-sent-at': sentAt,
  });
});

test('VISUAL comes before EDITOR', async () => {
  const backend = await withLetter();
  await dlq(backend, ['redrive', '--edit'], { editor: editorOf('false', "sed -i 's/a b/a-b/'") });
  expect(await liveBodies(backend)).toEqual([good]);
});

test.each([
  ['true', 'unchanged'],
  ["sed -i -e '$a\\'", 'unchanged'],
  ["sh -c 'exit 3'", 'the editor ended with 3'],
  ["sh -c 'kill -9 $$'", 'the editor ended with 137'],
  ["sed -i 's/}//'", 'still bad: body: must be a JSON object'],
  ["sed -i 's/heartbeat/restart/'", 'still bad: type: must be one of status, heartbeat, register, remove'],
])('after %s the dead letter stays, and it is printed why', async (command, why) => {
  const backend = await withLetter();
  const { code, out, err } = await dlq(backend, ['redrive', '--edit'], { editor: editorOf(command) });
  expect({ code, out }).toEqual({ code: 0, out: '0 messages redriven, 1 skipped, 0 failed.\n' });
  expect(err).toContain(`first-copy stays: ${why}`);
  expect(await liveBodies(backend)).toEqual([]);
  const [left] = await receive(backend.sqs.receive, backend.queues.events.deadLetterUrl);
  expect(left?.Body).toBe(bad);
});

test('an editor that is not there is a mistake of the settings', async () => {
  const backend = await withLetter();
  const { code, err } = await dlq(backend, ['redrive', '--edit'], { editor: editorOf('no-such-editor') });
  expect(code).toBe(2);
  expect(err).toContain('The editor cannot be run: set VISUAL or EDITOR.\n');
  expect(await depth(backend.sqs.send, backend.queues.events.deadLetterUrl)).toEqual({
    waiting: 1,
    inHand: 0,
  });
});

test('a body that is still bad is offered again with what was typed, and goes once it is good', async () => {
  const backend = await withLetter();
  const opened: string[] = [];
  const asked: string[] = [];
  const editor: Editor = {
    open: (path) => {
      opened.push(readFileSync(path, 'utf8'));
      writeFileSync(path, opened.length === 1 ? '{"type":' : good);
      return Promise.resolve(0);
    },
    again: (problem) => {
      asked.push(problem);
      return Promise.resolve(true);
    },
  };
  expect(await dlq(backend, ['redrive', '--edit'], { editor })).toMatchObject({ code: 0 });
  expect(opened).toEqual([bad, '{"type":']);
  expect(asked).toEqual(['still bad: body: must be a JSON object']);
  expect(await liveBodies(backend)).toEqual([good]);
});

test('only this user may read the file, and it is gone afterwards', async () => {
  const backend = await withLetter();
  let file = '';
  let mode = 0;
  const editor: Editor = {
    open: (path) => {
      file = path;
      mode = statSync(path).mode & 0o777;
      return Promise.resolve(0);
    },
    again: undefined,
  };
  await dlq(backend, ['redrive', '--edit'], { editor });
  expect(mode).toBe(0o600);
  expect(existsSync(file)).toBe(false);
});

test('a notice is held to what a notice is', async () => {
  const backend = await backendOf();
  await bury(backend, '{"night":"eod/2026-11-23"}', { queue: 'notices', id: 'n-1' });
  const still = await dlq(backend, ['redrive', 'notices', '--edit'], {
    editor: editorOf("sed -i 's/eod/EOD/'"),
  });
  expect(still.err).toContain('n-1 stays: still bad: it is no notice: {night, message_key}');
  await dlq(backend, ['redrive', 'notices', '--edit'], {
    editor: editorOf(`sed -i 's#}#,"message_key":"alert/a/b"}#'`),
  });
  const [live] = await receive(backend.sqs.receive, backend.queues.notices.url);
  expect(live?.Body).toBe('{"night":"eod/2026-11-23","message_key":"alert/a/b"}');
});
