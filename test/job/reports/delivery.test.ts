import { expect, test } from '@jest/globals';
import { DependencyError } from '../../../src/errors.ts';
import type { Answer } from '../../../src/job/reports/http-client.ts';
import { tryOnce, verdictOf } from '../../../src/job/reports/delivery.ts';

const answer = (status: number, message = 'why', waitMs?: number): Answer => ({
  answered: true,
  status,
  text: JSON.stringify({ message }),
  waitMs,
  location: undefined,
});
const signal = new AbortController().signal;

test.each([
  [200, { outcome: 'sent' }],
  [202, { outcome: 'sent' }],
  [404, { outcome: 'unknown' }],
  [400, { outcome: 'refused', reason: 'answers 400: why' }],
  [413, { outcome: 'refused', reason: 'answers 413: why' }],
  [401, { outcome: 'later', fault: 'key', reason: 'answers 401: why', waitMs: undefined }],
  [403, { outcome: 'later', fault: 'key', reason: 'answers 403: why', waitMs: undefined }],
  [408, { outcome: 'later', fault: 'away', reason: 'answers 408: why', waitMs: 7 }],
  [425, { outcome: 'later', fault: 'away', reason: 'answers 425: why', waitMs: 7 }],
  [429, { outcome: 'later', fault: 'away', reason: 'answers 429: why', waitMs: 7 }],
  [500, { outcome: 'later', fault: 'away', reason: 'answers 500: why', waitMs: 7 }],
  [503, { outcome: 'later', fault: 'away', reason: 'answers 503: why', waitMs: 7 }],
])('an answer of %d means %j', (status, verdict) => {
  expect(verdictOf(answer(status, 'why', 7))).toEqual(verdict);
});

test('a redirect is somebody else’s: the report is not taken for sent', () => {
  const moved: Answer = {
    answered: true,
    status: 302,
    text: '',
    waitMs: undefined,
    location: 'https://login',
  };
  expect(verdictOf(moved)).toMatchObject({ outcome: 'later', reason: 'answers 302: moved to https://login' });
});

test.each([
  [new Error('connect ECONNREFUSED 127.0.0.1:1'), 'cannot be reached: connect ECONNREFUSED 127.0.0.1:1'],
  [Object.assign(new Error('aborted'), { name: 'TimeoutError' }), 'cannot be reached: no answer within 10 s'],
])('no answer for %p may pass', (cause, reason) => {
  const verdict = verdictOf({ answered: false, cause: new DependencyError('http://h', cause) });
  expect(verdict).toEqual({ outcome: 'later', fault: 'away', reason, waitMs: undefined });
});

/** Gives one answer after the other. */
function script(...answers: Answer[]) {
  return () => {
    const next = answers.shift();
    return next === undefined ? Promise.reject(new Error('asked too often')) : Promise.resolve(next);
  };
}

test('an unknown scheduler is registered, and then the report is sent', async () => {
  const verdict = await tryOnce(script(answer(404), answer(200)), script(answer(201)), signal);
  expect(verdict).toEqual({ outcome: 'sent' });
});

test('an unknown scheduler that must not be registered is refused', async () => {
  expect(await tryOnce(script(answer(404)), undefined, signal)).toMatchObject({ outcome: 'refused' });
});

test('a registration that is refused is the verdict', async () => {
  const verdict = await tryOnce(script(answer(404)), script(answer(400, 'service_name: must not')), signal);
  expect(verdict).toEqual({ outcome: 'refused', reason: 'answers 400: service_name: must not' });
});

test('a 404 to a registration comes from something that is no Ronda, and may pass', async () => {
  expect(await tryOnce(script(answer(404)), script(answer(404)), signal)).toMatchObject({
    outcome: 'later',
    fault: 'away',
    reason: 'answers 404: is this the URL of a Ronda?',
  });
});
