import { expect, test } from '@jest/globals';
import { createTokenWatch, keepAsking } from '../../../../src/transports/slack/night/token.ts';
import {
  AmbiguousError,
  RateLimitedError,
  RefusedError,
  UnsentError,
} from '../../../../src/transports/slack/slack-errors.ts';
import { silent } from '../../../../src/log.ts';
import { keptLog } from '../../../support/log-lines.ts';
import { until } from '../../../support/until.ts';

const refused = (error: string) => new RefusedError('auth.test', error);

test('nothing is known of a token before Slack has answered, and no answer says nothing', () => {
  const { asked, problem } = createTokenWatch(keptLog().log);
  expect(problem()).toBe('Slack has not been reached yet');
  for (const error of [
    new UnsentError('a', 'b'),
    new AmbiguousError('a', 'b'),
    new RateLimitedError('a', 1),
  ]) {
    asked(error);
    expect(problem()).toBe('Slack has not been reached yet');
  }
  asked();
  asked(new UnsentError('a', 'b'));
  expect(problem()).toBeNull();
});

test('what Slack refuses for another reason it refuses to a token that it takes', () => {
  const { asked, problem } = createTokenWatch(keptLog().log);
  for (const error of ['channel_not_found', 'missing_scope', 'users_not_found']) {
    asked(refused('invalid_auth'));
    asked(refused(error));
    expect(problem()).toBeNull();
  }
});

test.each(['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive'])(
  'a token is refused by %s until Slack takes it, and an operator is told once',
  (error) => {
    const { log, lines } = keptLog();
    const { asked, problem } = createTokenWatch(log);
    asked(refused(error));
    asked(refused(error));
    expect(problem()).toBe(`Slack refuses the token: ${error}`);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([['error', 'slack refuses the token']]);
    asked();
    expect(problem()).toBeNull();
  },
);

test('Slack is asked again and again, whatever it says, until the end', async () => {
  let asked = 0;
  const ask = () => {
    asked += 1;
    return Promise.reject(refused('token_revoked'));
  };
  const end = new AbortController();
  const asking = keepAsking(ask, 1, silent, end.signal);
  await until('it was asked three times', () => asked >= 3);
  end.abort();
  await asking;
});
