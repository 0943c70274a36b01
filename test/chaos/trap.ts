import { z } from 'zod';
import type { Call, Verdict, Watcher } from '../support/http-proxy.ts';

/**
 * The instants of posting a message at which a process is killed. `late post`: before the post, which reaches
 * Slack all the same, long after its sender's death.
 */
export const points = [
  'before lease',
  'after lease',
  'late post',
  'after post',
  'before persist',
  'after persist',
] as const;
export type Point = (typeof points)[number];

/** Of a message: the night that its row belongs to, and its key there. */
export type Key = { readonly night: string; readonly message_key: string };

export type Trap<Who> = {
  /** What a process's proxies ask. The first call that is the point's is held; all others pass. */
  readonly watcher: (who: Who) => Watcher;
  /** Whose call is held, once one is; it stays held until it is let go. */
  readonly sprung: () => Who | undefined;
  readonly letGo: (verdict: Verdict) => void;
};

/** A trap at a point of one message. */
export function setTrap<Who>(point: Point, key: Key): Trap<Who> {
  const held = Promise.withResolvers<Verdict>();
  const stageOfPoint = point.startsWith('after') ? 'after' : 'before';
  let victim: { readonly who: Who } | undefined;
  return {
    watcher: (who) => (call, stage) => {
      if (victim !== undefined || stage !== stageOfPoint || !isAt(point, key, call)) return 'pass';
      victim = { who };
      return held.promise;
    },
    sprung: () => victim?.who,
    letGo: held.resolve,
  };
}

function isAt(point: Point, key: Key, call: Call): boolean {
  switch (point) {
    case 'before lease':
    case 'after lease':
      return isWrite(call, key, 'lease');
    case 'late post':
    case 'after post':
      return isPost(call, key);
    case 'before persist':
    case 'after persist':
      return isWrite(call, key, 'ts');
  }
}

const text = z.object({ S: z.string() });
const put = z.object({
  TableName: z.string().endsWith('-messages'),
  Item: z.object({
    night: text,
    message_key: text,
    claim: z.unknown().optional(),
    ts: text.optional(),
  }),
});

/** Whether a call writes the row: first with a lease and without `ts`, or first with it. */
function isWrite({ headers, body }: Call, { night, message_key }: Key, what: 'lease' | 'ts'): boolean {
  if (headers['x-amz-target'] !== 'DynamoDB_20120810.PutItem') return false;
  const { data } = put.safeParse(JSON.parse(body));
  if (data?.Item.night.S !== night || data.Item.message_key.S !== message_key) return false;
  const { claim, ts } = data.Item;
  return what === 'ts' ? ts !== undefined : claim !== undefined && ts === undefined;
}

const metadata = z.object({ event_payload: z.object({ key: z.string() }) });

function isPost({ path, body }: Call, { night, message_key }: Key): boolean {
  if (path !== '/api/chat.postMessage') return false;
  const sent: unknown = JSON.parse(new URLSearchParams(body).get('metadata') ?? 'null');
  return metadata.safeParse(sent).data?.event_payload.key === `${night}/${message_key}`;
}

/** Whether a call asks what was said of a night: the first thing that a watch does. */
export function isLook({ headers }: Call): boolean {
  return headers['x-amz-target'] === 'DynamoDB_20120810.Query';
}
