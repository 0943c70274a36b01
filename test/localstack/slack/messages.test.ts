import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  apply,
  messageAt,
  newWorkspace,
  snapshot,
  type Workspace,
} from '../../../localstack/slack/changes.ts';
import { history, post, remove, replies, update } from '../../../localstack/slack/messages.ts';
import { change, type Change } from '../../../localstack/slack/state.ts';
import { microsOf, nextMicros, toTimestamp } from '../../../localstack/slack/timestamps.ts';

const channel = 'C0RONDA';
const ts = (n: number): string => toTimestamp(4_100_000_000_000_000 + n);

type Step =
  | { readonly do: 'post'; readonly text: string; readonly replyTo: number }
  | { readonly do: 'update'; readonly at: number; readonly text: string }
  | { readonly do: 'remove'; readonly at: number };

/** Carries steps out as the Web API would; a step that is refused changes nothing. */
function run(steps: readonly Step[]): { workspace: Workspace; changes: Change[] } {
  let workspace = newWorkspace;
  const changes: Change[] = [];
  const posted: string[] = [];
  steps.forEach((step, index) => {
    const decision = decide(workspace, step, posted, ts(index));
    if (!decision.ok) return;
    if (decision.value.kind === 'posted') posted.push(ts(index));
    changes.push(decision.value);
    workspace = apply(workspace, decision.value);
  });
  return { workspace, changes };
}

function decide(workspace: Workspace, step: Step, posted: readonly string[], now: string) {
  const pick = (at: number): string => posted[at % Math.max(1, posted.length)] ?? '1.000000';
  switch (step.do) {
    case 'post': {
      const thread_ts = step.replyTo === 0 ? undefined : pick(step.replyTo);
      return post(workspace, { channel, text: step.text, thread_ts }, now);
    }
    case 'update':
      return update(workspace, { channel, ts: pick(step.at), text: step.text }, now);
    case 'remove':
      return remove(workspace, channel, pick(step.at));
  }
}

const text = fc.string({ minLength: 1, maxLength: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('post' as const), text, replyTo: fc.nat(4) }),
  fc.record({ do: fc.constant('update' as const), at: fc.nat(9), text }),
  fc.record({ do: fc.constant('remove' as const), at: fc.nat(9) }),
);
const steps = fc.array(step, { maxLength: 40 });

describe('over any course of posts, edits and deletions', () => {
  test('a journal and its snapshot, read back from JSON, give the same workspace', () => {
    fc.assert(
      fc.property(steps, (course) => {
        const { workspace, changes } = run(course);
        const reread = (lines: readonly Change[]): Workspace =>
          lines.map((line) => change.parse(JSON.parse(JSON.stringify(line)))).reduce(apply, newWorkspace);
        expect(reread(changes)).toEqual(workspace);
        expect(reread(snapshot(workspace))).toEqual(workspace);
      }),
    );
  });

  test('pages of any size give every message of the channel once, newest first', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 7 }), (course, limit) => {
        const { workspace } = run(course);
        const seen = paged((cursor) => history(workspace, channel, { limit, cursor }));
        const stored = [...(workspace.messages.get(channel)?.values() ?? [])];
        const expected = stored.filter(({ thread_ts }) => thread_ts === undefined).map((one) => one.ts);
        expect(seen).toEqual(expected.toSorted().toReversed());
      }),
    );
  });

  test('a parent counts its replies, and its thread is all of them', () => {
    fc.assert(
      fc.property(steps, (course) => {
        const { workspace } = run(course);
        for (const parent of workspace.messages.get(channel)?.values() ?? []) {
          if (parent.thread_ts !== undefined) continue;
          const thread = paged((cursor) => replies(workspace, channel, parent.ts, { limit: 2, cursor }));
          expect(thread[0]).toBe(parent.ts);
          expect(thread).toHaveLength(1 + parent.reply_count);
          expect(thread).toEqual(thread.toSorted());
        }
      }),
    );
  });
});

function paged(read: (cursor: string | undefined) => ReturnType<typeof history>): string[] {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = read(cursor);
    if (!page.ok) throw new Error(page.error);
    seen.push(...page.value.messages.map((message) => message.ts));
    cursor = page.value.next_cursor;
  } while (cursor !== undefined);
  return seen;
}

describe('an edit', () => {
  const key = { event_type: 'ronda', event_payload: { key: 'k' } };
  const section = { type: 'section', text: { type: 'plain_text', text: 'a' } };
  const posted = post(newWorkspace, { channel, text: 'a', blocks: [section], metadata: key }, ts(1));
  const before = posted.ok ? apply(newWorkspace, posted.value) : newWorkspace;
  const edited = (wanted: { text?: string; blocks?: unknown; metadata?: unknown }) => {
    const decision = update(before, { channel, ts: ts(1), ...wanted }, ts(2));
    return decision.ok ? messageAt(apply(before, decision.value), channel, ts(1)) : decision;
  };

  test('keeps metadata that is left out and removes it for an empty object', () => {
    expect(edited({ text: 'b' })).toMatchObject({ text: 'b', metadata: key, edits: 1 });
    expect(edited({ text: 'b', metadata: {} })).not.toHaveProperty('metadata');
  });

  test('remembers what was said before', () => {
    expect(edited({ text: 'b' })).toMatchObject({
      history: [{ until: ts(2), text: 'a', blocks: [{ ...section, block_id: `${ts(1)}/0` }], metadata: key }],
    });
  });

  test('of a message that somebody else wrote is refused', () => {
    const other = apply(newWorkspace, {
      kind: 'kept',
      message: { channel, ts: ts(1), user: 'U0SARI', text: 'a', edits: 0, reply_count: 0, history: [] },
    });
    expect(update(other, { channel, ts: ts(1), text: 'b' }, ts(2))).toEqual({
      ok: false,
      error: 'cant_update_message',
    });
    expect(remove(other, channel, ts(1))).toEqual({ ok: false, error: 'cant_delete_message' });
  });
});

test('of addresses where the app listens the five newest are kept, each once', () => {
  const at = (port: number): Change => ({
    kind: 'app',
    app: { request_url: `http://127.0.0.1:${port}/`, signing_secret: 's' },
  });
  const { apps } = [1, 2, 3, 4, 5, 6, 3].map(at).reduce(apply, newWorkspace);
  expect(apps.map(({ request_url }) => request_url)).toEqual([
    'http://127.0.0.1:2/',
    'http://127.0.0.1:4/',
    'http://127.0.0.1:5/',
    'http://127.0.0.1:6/',
    'http://127.0.0.1:3/',
  ]);
});

describe('a ts', () => {
  test('is seconds and six decimals, and reads back', () => {
    expect(toTimestamp(4_098_000_000_000_100)).toBe('4098000000.000100');
    expect(toTimestamp(1)).toBe('0.000001');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000_000_000 }), (micros) => {
        expect(microsOf(toTimestamp(micros))).toBe(micros);
      }),
    );
  });

  test('may be a bound with fewer decimals, and nothing but digits', () => {
    expect(microsOf('1764000000')).toBe(1_764_000_000_000_000);
    expect(microsOf('1764000000.5')).toBe(1_764_000_000_500_000);
    expect(microsOf('yesterday')).toBeUndefined();
    expect(microsOf('-1')).toBeUndefined();
  });

  test('is later than the last, even while the clock stands still or falls back', () => {
    expect(nextMicros(0, 1_000)).toBe(1_000_000);
    expect(nextMicros(1_000_000, 1_000)).toBe(1_000_001);
    expect(nextMicros(5_000_000, 1_000)).toBe(5_000_001);
  });
});
