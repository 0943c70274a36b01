import { describe, expect, test } from '@jest/globals';
import { RefusedError } from '../../../../src/transports/slack/slack-errors.ts';
import { content, key, options, stage, type Stage } from './fixtures.ts';

/** The messages in Slack: `thread`, text and the key under which each can be found again. */
const shown = ({ slack }: Stage) => slack.messages.map(({ threadTs, text, key }) => [threadTs, text, key]);
const name = `${key.night}/${key.message_key}`;

describe.each(['edit_window_closed', 'cant_update_message', 'is_inactive', 'some_error_of_tomorrow'])(
  'an edit that Slack refuses for good (%s)',
  (error) => {
    const refuse = ({ slack }: Stage): void => {
      slack.fail('update', new RefusedError('chat.update', error));
    };

    test('posts the message anew, once, under a name of its own', async () => {
      const world = stage();
      const one = world.messenger();
      await one.publish(key, 'board', content('at 01:00'), options);
      refuse(world);
      expect((await one.publish(key, 'board', content('at 02:00'), options)).state).toBe('posted');
      expect(shown(world)).toEqual([
        [undefined, 'at 01:00', name],
        [undefined, 'at 02:00', `${name}#2`],
      ]);
      await one.publish(key, 'board', content('at 03:00'), options);
      expect(shown(world).map(([, text]) => text)).toEqual(['at 01:00', 'at 03:00']);
    });

    test('posts the rest in the thread of the second message, each content once', async () => {
      const world = stage();
      const one = world.messenger();
      await one.publish(key, 'board', content('at 01:00'), options);
      refuse(world);
      const { ts } = await one.publish(key, 'board', content('at 02:00'), options);
      refuse(world);
      expect((await one.publish(key, 'board', content('at 03:00'), options)).state).toBe('edited');
      expect((await one.publish(key, 'board', content('at 03:00'), options)).state).toBe('unchanged');
      refuse(world);
      await one.publish(key, 'board', content('at 04:00'), options);
      expect(shown(world).slice(2)).toEqual([
        [ts, 'at 03:00', expect.stringContaining('/update/')],
        [ts, 'at 04:00', expect.stringContaining('/update/')],
      ]);
    });
  },
);

test('a board whose channel is gone is posted in the channel that it has moved to', async () => {
  const world = stage();
  const one = world.messenger();
  await one.publish(key, 'board', content('at 01:00'), options);
  world.slack.fail('update', new RefusedError('chat.update', 'channel_not_found'));
  const published = await one.publish(key, 'board', content('at 02:00'), { ...options, channel: 'C0NEW' });
  expect(published).toMatchObject({ state: 'posted', channel: 'C0NEW' });
});

test.each(['channel_not_found', 'invalid_auth', 'http_403'])(
  'what an operator can mend (%s) posts nothing anew',
  async (error) => {
    const { messenger, slack } = stage();
    const one = messenger();
    await one.publish(key, 'board', content('at 01:00'), options);
    slack.fail('update', new RefusedError('chat.update', error));
    await expect(one.publish(key, 'board', content('at 02:00'), options)).rejects.toMatchObject({ error });
    expect(slack.messages).toHaveLength(1);
    expect((await one.publish(key, 'board', content('at 02:00'), options)).state).toBe('edited');
  },
);
