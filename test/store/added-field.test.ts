import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { clearable, eventType, optional } from '../../src/events/event-type.ts';
import { eventTypes, payloadOf, saysNothingNew } from '../../src/events/event.ts';
import { defaultEventId } from '../../src/events/identity.ts';
import { readBody, readMembers } from '../../src/events/members.ts';
import { eventKey } from '../../src/events/order.ts';
import { writeMessage } from '../../src/queue/message.ts';
import { append } from '../../src/store/events/event-store.ts';
import { at, recorded, registration, status } from '../support/events.ts';
import { createStore, newId, rawRow } from './fixtures.ts';

/** Today's registration, and one that has gained a field by a line. */
const { register } = eventTypes;
const newer = eventType({
  ...register,
  optional: { ...register.optional, runbook: clearable(z.url(), z.string()) },
});

const store = await createStore();

/** The event of a registration that names the new field. */
function registered(runbook: string | null) {
  const body = { scheduler_id: newId(), service_name: 'billing', job_name: 'close-day', runbook };
  const report = readBody(readMembers(JSON.stringify(body)) ?? new Map(), newer.body, { type: 'register' });
  if (!report.ok) throw new Error(report.issues.join());
  const content = newer.contentOf(report.value, at('17:30:00.000'));
  return { ...content, event_id: defaultEventId(content) };
}

describe('a field that a registration gains', () => {
  const runbook = 'https://wiki.example.com/close-day';

  test.each([runbook, null])('travels from the report %j to the stored event and back', async (value) => {
    const event = registered(value);
    await append(store, recorded(event));
    const { scheduler_id, occurred_at, event_id } = event;
    const key = eventKey({ at: occurred_at, id: event_id });
    const stored = await rawRow(store, 'events', { scheduler_id, 'occurred_at#event_id': key });
    expect(stored).toMatchObject({ v: 2, type: 'scheduler_registered', runbook: value });
    expect(newer.read(stored)).toEqual(event);
  });

  test('is checked like any other', () => {
    expect(() => registered('close-day')).toThrow(/^runbook: /);
  });

  test('is in the message, and makes another id', () => {
    expect(JSON.parse(writeMessage(recorded(registered(runbook))))).toMatchObject({ runbook });
    const [one, other] = [registered(runbook), registered(`${runbook}-2`)];
    expect(defaultEventId({ ...one, scheduler_id: 'one' })).not.toBe(
      defaultEventId({ ...other, scheduler_id: 'one' }),
    );
  });

  test('is something new where another value of it is known, or none', () => {
    const event = registered(runbook);
    const names = { service_name: 'billing', job_name: 'close-day' };
    expect(saysNothingNew(payloadOf(event), event)).toBe(true);
    expect(saysNothingNew({ ...names, runbook: null }, event)).toBe(false);
    expect(saysNothingNew(names, event)).toBe(false);
    expect(saysNothingNew({ ...names, runbook }, registration())).toBe(true);
  });

  test('is absent from the events of before, which are read as ever', () => {
    const event = registration({ owner_email: 'sari@example.com' });
    expect(newer.read(event)).toEqual(event);
    const contacts = { owner_email: null, alert_user_id: null, heartbeat_timeout_minutes: 15 };
    expect(newer.read({ ...event, ...contacts, v: 1 })).toEqual({ ...event, ...contacts });
  });
});

test('a field that a status gains is null in the statuses of before', () => {
  const gained = eventType({
    ...eventTypes.status,
    optional: { ...eventTypes.status.optional, exit_code: optional(z.int(), z.number()) },
  });
  expect(gained.read(status())).toEqual({ ...status(), exit_code: null });
});
