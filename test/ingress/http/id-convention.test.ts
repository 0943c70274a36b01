import { describe, expect, test } from '@jest/globals';
import { conventionOf } from '../../../src/events/id-convention.ts';
import { errorOf, newId, openIngress, openWorld, registration, statusOf } from './fixtures.ts';

const { backend, call: anyId } = await openWorld();
const idConvention = conventionOf('[a-z]+(-[a-z]+)+', undefined);
if (idConvention === undefined) throw new Error('an id is found that matches');
const { call } = await openIngress(backend, { idConvention });
const register = (id: string) => call('POST', '/schedulers/register', registration(id));

describe('a naming convention for ids', () => {
  test('refuses a new scheduler whose id does not keep to it, with an example', async () => {
    const refused = await register('Billing_1');
    expect(refused.json).toEqual(
      errorOf(
        400,
        ['POST', '/schedulers/register'],
        ['scheduler_id: must match [a-z]+(-[a-z]+)+, like settlement-settlement'],
      ),
    );
    expect((await register('a-bill-1')).status).toBe(400);
    expect((await register('close-day')).status).toBe(201);
  });

  test('leaves those alone that were registered before it', async () => {
    const id = newId();
    await anyId('POST', '/schedulers/register', registration(id));
    expect((await register(id)).status).toBe(200);
    expect((await call('PUT', `/schedulers/${id}/status`, statusOf(id))).status).toBe(200);
  });
});

test('an expression that backtracks without end holds up nobody: the id does not match', async () => {
  const endless = conventionOf('(a+)+b', 'aab');
  if (endless === undefined) throw new Error('the example matches');
  const { call } = await openIngress(backend, { idConvention: endless });
  expect((await call('POST', '/schedulers/register', registration('a'.repeat(60)))).status).toBe(400);
  expect((await call('POST', '/schedulers/register', registration('aaab'))).status).toBe(201);
});

describe('the example of a convention', () => {
  test.each([
    ['[a-z]+', 'settlement'],
    ['^[a-z]{1,4}$', 'eod'],
    ['[a-z]+\\.[a-z]+', 'settlement.settlement'],
    ['[A-Z]{3}-\\d{4}', 'EOD-0001'],
    ['(payments|billing):[a-z]+-\\d\\d', 'billing:settlement-01'],
    ['job\\d|[A-Z][a-z]+Eod', 'SettlementEod'],
  ])('for %s is %s', (text, example) => {
    expect(conventionOf(text, undefined)?.example).toBe(example);
  });

  test('is what the operator gave', () => {
    expect(conventionOf('x{40}', 'x'.repeat(40))?.example).toBe('x'.repeat(40));
  });
});
