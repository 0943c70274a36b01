import { describe, expect, test } from '@jest/globals';
import { pause, createClock } from '../../../../src/clock.ts';
import type { Content } from '../../../../src/transports/slack/content.ts';
import {
  answer,
  createWork,
  respondWith,
  type Message,
} from '../../../../src/transports/slack/listeners/answers.ts';
import { keptLog } from '../../../support/log-lines.ts';

const { real } = createClock();
const divider = { type: 'divider' } as const;
const content: Content = { text: 'the board', blocks: [divider, divider], plainBlocks: [divider] };

/** Somebody who keeps what is said; `refuse` says what the first answers are refused with. */
function listener(...refuse: readonly unknown[]) {
  const current: (Message | undefined)[] = [];
  const refusals = [...refuse];
  const extendCoverage = (message?: Message): Promise<unknown> => {
    current.push(message);
    const refusal = refusals.shift();
    return refusal instanceof Error ? Promise.reject(refusal) : Promise.resolve(refusal);
  };
  return { current, extendCoverage };
}

const whole = {
  response_type: 'ephemeral',
  replace_original: false,
  text: 'the board',
  blocks: [divider, divider],
};
const plain = { ...whole, blocks: [divider] };
const refusal = Object.assign(new Error('400 Bad Request'), { statusCode: 400 });

describe('an answer', () => {
  test('that is ready is the acknowledgement', async () => {
    const ack = listener();
    const respond = listener();
    await answer(
      async (said) => {
        await ack.extendCoverage(said);
      },
      respond.extendCoverage,
      Promise.resolve(content),
    );
    expect(ack.current).toEqual([whole]);
    expect(respond.current).toEqual([]);
  });

  test('that takes longer than 2 s follows an acknowledgement that says so', async () => {
    const ack = listener();
    const respond = listener();
    const began = real();
    let acknowledgedAfter = 0;
    await answer(
      async (said) => {
        acknowledgedAfter = real() - began;
        await ack.extendCoverage(said);
      },
      respond.extendCoverage,
      pause(2_300).then(() => content),
    );
    expect(acknowledgedAfter).toBeGreaterThanOrEqual(1_990);
    expect(acknowledgedAfter).toBeLessThan(2_300);
    expect(ack.current).toMatchObject([
      { text: 'One moment: this takes a little longer to read.', blocks: [] },
    ]);
    expect(respond.current).toEqual([whole]);
  });

  test.each([
    ['by a status', refusal],
    ['in an answer of 200', new Response('{"ok": false, "error": "invalid_blocks"}')],
  ])('whose blocks Slack refuses %s is given without the table', async (_how, refused) => {
    const respond = listener(refused);
    await respondWith(respond.extendCoverage, content);
    expect(respond.current).toEqual([whole, plain]);
  });

  test('that Slack takes is given once', async () => {
    const respond = listener(new Response('ok'));
    await respondWith(respond.extendCoverage, content);
    expect(respond.current).toEqual([whole]);
  });

  test('that may have arrived is not given twice', async () => {
    const respond = listener(new TypeError('fetch failed'));
    await expect(respondWith(respond.extendCoverage, content)).rejects.toThrow('fetch failed');
    expect(respond.current).toEqual([whole]);
  });

  test('that Slack takes in neither form is an error', async () => {
    const respond = listener(refusal, refusal);
    await expect(respondWith(respond.extendCoverage, content)).rejects.toMatchObject({
      code: 'SLACK_REFUSED',
    });
  });
});

describe('what listeners do', () => {
  test('is logged when it fails, and fails nobody else', async () => {
    const { log, lines } = keptLog();
    const work = createWork(log);
    await work.run('a click', () => Promise.reject(new Error('away')));
    expect(lines).toMatchObject([{ level: 'warn', msg: 'a click could not be answered in Slack' }]);
  });

  test('is done when the last of it is', async () => {
    const work = createWork(keptLog().log);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let isDone = false;
    const running = work.run('a click', async () => {
      await promise;
    });
    const done = work.done().then(() => {
      isDone = true;
    });
    await Promise.resolve();
    expect(isDone).toBe(false);
    resolve(undefined);
    await Promise.all([running, done]);
    expect(isDone).toBe(true);
    await work.done();
  });
});
