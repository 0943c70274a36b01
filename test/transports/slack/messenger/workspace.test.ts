import { beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { localToken } from '../../../support/local-app.ts';
import { silent } from '../../../../src/log.ts';
import { createSlackApi } from '../../../../src/transports/slack/api.ts';
import type { Content } from '../../../../src/transports/slack/content.ts';
import {
  createMessenger,
  type PublishOptions,
} from '../../../../src/transports/slack/messenger/messenger.ts';
import { createPacing } from '../../../../src/transports/slack/messenger/pacing.ts';
import { readMessageRow } from '../../../../src/store/messages/messages.ts';
import { openTestWorkspace } from '../../../localstack/slack/open-workspace.ts';
import { send } from '../../../localstack/slack/workspace-fixtures.ts';
import { openBackend } from '../../../support/open.ts';
import { until } from '../../../support/until.ts';

const night = 'eod/2099-11-24';
const options: PublishOptions = { channel: 'C0RONDA', whenDeleted: 'repost' };
const contentOf = (text: string): Content => ({
  text,
  blocks: [{ type: 'section', text: { type: 'plain_text', text } }],
});

const backend = await openBackend();
const { workspace } = await openTestWorkspace();
beforeEach(async () => {
  await send(workspace, 'DELETE', '/control/faults');
});

let born = 0;
/** A messenger of a process of its own; with a lease of 3 s a call times out after 500 ms. */
function newMessenger(leaseSeconds = 3) {
  born += 1;
  const { store, clock } = backend;
  const api = createSlackApi({
    token: localToken,
    slackApiUrl: `${workspace.url}/api/`,
    leaseSeconds,
    pacing: createPacing(clock),
  });
  return createMessenger({ store, api, clock, log: silent, owner: `process-${born}`, leaseSeconds });
}

const listing = z.object({
  messages: z.array(
    z.looseObject({
      ts: z.string(),
      text: z.string(),
      edits: z.number(),
      metadata: z.object({ event_payload: z.object({ key: z.string() }) }).optional(),
    }),
  ),
});

async function messagesOf(message_key: string) {
  const { json } = await send(workspace, 'GET', '/control/messages?channel=C0RONDA');
  return listing
    .parse(json)
    .messages.filter(({ metadata }) => metadata?.event_payload.key === `${night}/${message_key}`);
}

const keyOf = (message_key: string) => ({ night, message_key });

describe('with the real client, table and workspace', () => {
  test('a message is posted, then edited in place', async () => {
    const messenger = newMessenger();
    const posted = await messenger.publish(keyOf('board/1'), 'board', contentOf('01:00'), options);
    const edited = await messenger.publish(keyOf('board/1'), 'board', contentOf('02:00'), options);
    expect([posted.state, edited.state]).toEqual(['posted', 'edited']);
    expect(await messagesOf('board/1')).toMatchObject([{ ts: posted.ts, text: '02:00', edits: 1 }]);
    expect(await readMessageRow(backend.store, keyOf('board/1'))).toMatchObject({ ts: posted.ts });
  });

  test('five replicas at once post one message', async () => {
    const published = await Promise.all(
      [1, 2, 3, 4, 5].map(async () => {
        const { state } = await newMessenger().publish(
          keyOf('alert/1'),
          'alert',
          contentOf('failed'),
          options,
        );
        return state;
      }),
    );
    expect(published.filter((state) => state === 'posted')).toHaveLength(1);
    expect(await messagesOf('alert/1')).toHaveLength(1);
  });

  test.each([
    ['a cut connection', { fault: 'drop_answer' }],
    ['an internal error', { fault: 'internal_error', after_work: true }],
    ['an HTTP 503', { fault: 'http_503', after_work: true }],
    ['an answer that takes too long', { fault: 'delay', after_work: true, ms: 1_000 }],
  ])('a post that succeeded behind %s is found, not repeated', async (name, fault) => {
    await send(workspace, 'POST', '/control/faults', { method: 'chat.postMessage', count: 1, ...fault });
    const key = keyOf(`alert/${name}`);
    const published = await newMessenger().publish(key, 'alert', contentOf('failed'), options);
    expect(published.state).toBe('adopted');
    expect(await messagesOf(key.message_key)).toMatchObject([{ ts: published.ts, text: 'failed' }]);
  });

  test('a post that lands late is deleted again, and the first stays', async () => {
    const key = keyOf('alert/late');
    await send(workspace, 'POST', '/control/faults', {
      method: 'chat.postMessage',
      fault: 'delay',
      ms: 1_200,
      count: 1,
    });
    const leaseSeconds = 1.2;
    const one = newMessenger(leaseSeconds);
    await expect(one.publish(key, 'alert', contentOf('failed'), options)).rejects.toThrow('chat.postMessage');
    await until('somebody else has said it', async () => {
      const { state } = await newMessenger(leaseSeconds).publish(key, 'alert', contentOf('failed'), options);
      return state !== 'busy';
    });
    await until('the late one has been dealt with', async () => (await one.recheck(key)) === 'settled');
    const row = await readMessageRow(backend.store, key);
    expect(row).not.toHaveProperty('unsure_since');
    expect(await messagesOf('alert/late')).toMatchObject([{ ts: row?.ts }]);
  });

  test('a part in a thread whose post was cut off is found there', async () => {
    const messenger = newMessenger();
    const { ts: threadTs } = await messenger.publish(keyOf('board/2'), 'board', contentOf('01:00'), options);
    await send(workspace, 'POST', '/control/faults', {
      method: 'chat.postMessage',
      fault: 'drop_answer',
      count: 1,
    });
    const key = keyOf('part/2');
    const published = await messenger.publish(key, 'part', contentOf('rows 100-187'), {
      ...options,
      threadTs,
    });
    expect(published.state).toBe('adopted');
    expect(await messagesOf('part/2')).toMatchObject([{ ts: published.ts, thread_ts: threadTs }]);
  });
});
