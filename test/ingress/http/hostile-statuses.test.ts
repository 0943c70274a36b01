import { describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  deadLetterWith,
  errorOf,
  minutesFromNow,
  newId,
  newScheduler,
  objectOf,
  openConsumer,
  openWorld,
  sendToQueue,
  statusOf,
} from './fixtures.ts';
import { hostileBodies, withMembers } from './hostile-bodies.ts';

const { backend, call } = await openWorld();
const consumer = openConsumer(backend);
const idRule = 'must be 1 to 255 of A-Z a-z 0-9 . _ : -';
const kept = hostileBodies.flatMap((body) => ('kept' in body ? [body] : []));
const refused = hostileBodies.flatMap((body) => ('refused' in body ? [body] : []));

describe('over HTTP is kept unharmed and read back equal', () => {
  test.each(kept)('$name', async ({ members, kept: parts }) => {
    const id = await newScheduler(call);
    const path = `/schedulers/${id}`;
    const answer = await call('PUT', `${path}/status`, withMembers(statusOf(id), members), {
      Prefer: 'wait=10',
    });
    expect(answer.status).toBe(200);
    const one = await call('GET', path);
    for (const part of parts) {
      expect(answer.text).toContain(part);
      expect(one.text).toContain(part);
      if (part.startsWith('"metadata"')) {
        expect((await call('GET', `${path}/history`)).text).toContain(part);
        expect((await call('GET', '/schedulers')).text).toContain(part);
        expect((await call('GET', `${path}?as_of=${minutesFromNow(0)}`)).text).toContain(part);
      }
    }
  });
});

describe('over HTTP is a 400 that says what is wrong', () => {
  test.each(refused)('$name', async ({ members, refused: message }) => {
    const id = await newScheduler(call);
    const path = `/schedulers/${id}/status`;
    const answer = await call('PUT', path, withMembers(statusOf(id), members));
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual(errorOf(400, ['PUT', path], message));
  });
});

describe('in a batch is answered alike', () => {
  test.each(hostileBodies)('$name', async (body) => {
    const id = await newScheduler(call);
    const element = withMembers({ type: 'status', ...statusOf(id) }, body.members);
    const answer = await call('POST', '/events', `[${element}]`);
    expect(answer.json).toMatchObject([
      'kept' in body ? { status: 200, scheduler_id: id } : { status: 400, message: body.refused },
    ]);
  });
});

describe('over SQS', () => {
  // Astral characters as escapes: the embedded engine refuses the bodies that AWS takes.
  const sendable = (text: string) =>
    text.replace(/[\ud800-\udfff\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);

  test.each(kept)('is applied: $name', async ({ members, kept: parts }) => {
    const id = newId();
    await sendToQueue(backend, sendable(withMembers({ type: 'status', ...statusOf(id) }, members)));
    const one = await until('it is applied', async () => {
      const answer = await call('GET', `/schedulers/${id}`);
      return answer.status === 200 && answer;
    });
    for (const part of parts) expect(one.text).toContain(part);
    expect(objectOf(one)['registered']).toBe(false);
  });

  test.each(refused)('is put aside with its reason: $name', async ({ members, refused: message }) => {
    const id = newId();
    const body = sendable(withMembers({ type: 'status', ...statusOf(id) }, members));
    await sendToQueue(backend, body);
    const { Body, MessageAttributes } = await deadLetterWith(backend, `"${id}"`);
    expect(Body).toBe(body);
    expect(MessageAttributes?.['ronda-reason']?.StringValue).toBe(message.join('; '));
    expect((await call('GET', `/schedulers/${id}`)).status).toBe(404);
  });

  const noObject = 'body: must be a JSON object';
  const noType = 'type: must be one of status, heartbeat, register, remove, acknowledge, snooze, expect';
  test.each([
    ['text', 'no json at all', noObject],
    ['an object cut short', '{"type":"status","scheduler_id":"cut', noObject],
    ['an object and more', '{"type":"heartbeat","scheduler_id":"more"}}', noObject],
    ['white space', ' \t\r\n', noObject],
    ['null', 'null', noObject],
    ['a number', '1e400', noObject],
    ['an array of events', '[{"type":"heartbeat","scheduler_id":"array"}]', noObject],
    ['arrays nested 60,000 deep', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, noObject],
    ['60,000 open arrays', '['.repeat(60_000), noObject],
    ['objects nested 30,000 deep', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`, noType],
    ['no type', '{"scheduler_id":"untyped"}', noType],
    ['a type of another kind', '{"type":{"type":"status"},"scheduler_id":"odd"}', noType],
    ['a type that objects inherit', '{"type":"constructor","scheduler_id":"odd"}', noType],
    ['a type only in its prototype', '{"__proto__":{"type":"heartbeat","scheduler_id":"odd"}}', noType],
    ['an id no scheduler can have', '{"type":"heartbeat","scheduler_id":"a/b"}', `scheduler_id: ${idRule}`],
  ])('a body that is no event is put aside with its reason: %s', async (_what, body, reason) => {
    await sendToQueue(backend, body);
    const found = await deadLetterWith(backend, body);
    expect(found.Body).toBe(body);
    expect(found.MessageAttributes?.['ronda-reason']?.StringValue).toBe(reason);
  });

  test('nothing of it was tried twice', () => {
    expect(consumer.counts()['retried']).toBe(0);
  });
});
