import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { createClock } from '../../src/clock.ts';
import { DependencyError, EventConflictError, isOutage, UnreadableEventError } from '../../src/errors.ts';
import { append, isTaken } from '../../src/store/events/event-store.ts';
import { tableOf } from '../../src/store/store.ts';
import { heartbeat, at, idOf, recorded, registration, removal, status } from '../support/events.ts';
import { createStore, listStream, morning, newId, rawRow } from './fixtures.ts';
import { watchRequests } from './requests.ts';

const store = await createStore();

/** As the service writes a time. */
const utc = (ms: number): string => new Date(ms).toISOString();
const minute = 60_000;
const day = 86_400_000;

describe('appending', () => {
  test('stores an event and gives it back as it was', async () => {
    const scheduler_id = newId();
    const event = recorded(
      status({ scheduler_id, status: 'failed', error_message: 'x', metadata: '{"1":1.50,"0":"\\ud800"}' }),
      { accepted_at: at('17:30:00.250'), correlation_id: 'c-1', sender: 'billing-key' },
    );
    expect(await append(store, event)).toEqual(event);
    expect(await listStream(store, scheduler_id)).toEqual([event]);
  });

  test('again changes nothing, and gives the stored one, whose envelope wins', async () => {
    const scheduler_id = newId();
    const first = recorded(status({ scheduler_id }), { sender: 'first', correlation_id: 'c-1' });
    const second = recorded(status({ scheduler_id }), {
      accepted_at: at('18:00:00.000'),
      correlation_id: 'c-2',
      sender: null,
    });
    await append(store, first);
    expect(await append(store, second)).toEqual(first);
    expect(await listStream(store, scheduler_id)).toEqual([first]);
  });

  test('costs one request, and one more where the event is there already', async () => {
    const event = recorded(heartbeat({ scheduler_id: newId() }));
    const { requests, stop } = watchRequests(store);
    await append(store, event);
    expect(requests).toEqual(['Put events']);
    await append(store, event);
    stop();
    expect(requests).toEqual(['Put events', 'Put events', 'Get events']);
  });

  test('once more where TTL purged the stored event before it could be read', async () => {
    const event = recorded(heartbeat({ scheduler_id: newId() }));
    await append(store, event);
    const { scheduler_id } = event.event;
    const Key = { scheduler_id, 'occurred_at#event_id': `${at('17:30:00.000')}#${idOf(1)}` };
    const { requests, stop } = watchRequests(store, async (request, { length }) => {
      if (request !== 'Get events' || length > 1) return;
      await store.client.send(new DeleteCommand({ TableName: tableOf(store, 'events'), Key }));
    });
    expect(await append(store, event)).toEqual(event);
    stop();
    expect(requests).toEqual(['Put events', 'Delete events', 'Get events', 'Put events']);
    expect(await listStream(store, scheduler_id)).toEqual([event]);
  });

  test('gives up after three tries, to be tried again, where an event comes and goes', async () => {
    const { event, envelope } = recorded(heartbeat({ scheduler_id: newId() }));
    const TableName = tableOf(store, 'events');
    const Key = {
      scheduler_id: event.scheduler_id,
      'occurred_at#event_id': `${at('17:30:00.000')}#${idOf(1)}`,
    };
    let ours = true;
    let puts = 0;
    const { stop } = watchRequests(store, async (request) => {
      if (!ours) return;
      ours = false;
      if (request === 'Put events') {
        puts += 1;
        await store.client.send(new PutCommand({ TableName, Item: { ...event, ...Key } }));
      } else await store.client.send(new DeleteCommand({ TableName, Key }));
      ours = true;
    });
    const error: unknown = await append(store, { event, envelope }).catch((reason: unknown) => reason);
    stop();
    expect(error).toBeInstanceOf(DependencyError);
    expect(isOutage(error)).toBe(false);
    expect(puts).toBe(3);
  });

  test('an event that differs in the order and spelling of its metadata is the same event', async () => {
    const scheduler_id = newId();
    const first = recorded(status({ scheduler_id, metadata: '{"a":1,"b":{"c":2,"d":[3]}}' }));
    const second = recorded(status({ scheduler_id, metadata: '{"b":{"d":[3.0],"c":2},"a":1}' }));
    await append(store, first);
    expect(await append(store, second)).toEqual(first);
  });

  test.each([
    ['a field', { error_message: 'disk full' }],
    ['its metadata', { metadata: '{"a":1}' }],
    ['its status', { status: 'running' }],
  ] as const)(
    'an event of the same scheduler, time and id with another %s is refused',
    async (_what, change) => {
      const scheduler_id = newId();
      const first = recorded(status({ scheduler_id }));
      await append(store, first);
      const other = append(store, recorded(status({ scheduler_id, ...change })));
      await expect(other).rejects.toThrow(EventConflictError);
      await expect(other).rejects.toThrow(
        `event 2099-11-23T17:30:00.000Z#00000000-0000-4000-8000-000000000001 of ${scheduler_id} is stored already`,
      );
      expect(await listStream(store, scheduler_id)).toEqual([first]);
    },
  );

  describe('over what an earlier version stored', () => {
    /** As version 1 stored a registration that named an owner alone, its hash included. */
    async function storeV1(scheduler_id: string): Promise<void> {
      const Item = {
        ...{ ...registration({ scheduler_id }), v: 1 },
        ...{ owner_email: 'sari@example.com', alert_user_id: null, heartbeat_timeout_minutes: null },
        ...{ accepted_at: at('17:30:00.000'), correlation_id: null, sender: null },
        'occurred_at#event_id': `${at('17:30:00.000')}#${idOf(1)}`,
        content_hash: 'of version 1, which nobody can make any more',
      };
      await store.client.send(new PutCommand({ TableName: tableOf(store, 'events'), Item }));
    }
    const owner_email = 'sari@example.com';

    test.each([
      ['leaves the rest out', { owner_email }],
      ['says null of the rest', { owner_email, alert_user_id: null, heartbeat_timeout_minutes: null }],
    ])('the same request again, which %s, is the stored event', async (_, fields) => {
      const scheduler_id = newId();
      await storeV1(scheduler_id);
      const again = registration({ scheduler_id, ...fields });
      const cleared = { owner_email, alert_user_id: null, heartbeat_timeout_minutes: null };
      const stored = recorded(registration({ scheduler_id, ...cleared }));
      expect(await append(store, recorded(again))).toEqual(stored);
      expect(await isTaken(store, again)).toBe(false);
      expect(await listStream(store, scheduler_id)).toEqual([stored]);
    });

    test('empty metadata, which was stored as it came, is none', async () => {
      const scheduler_id = newId();
      const event = status({ scheduler_id });
      const Item = {
        ...{ ...event, metadata: '{}', accepted_at: at('17:30:00.000'), correlation_id: null, sender: null },
        'occurred_at#event_id': `${at('17:30:00.000')}#${idOf(1)}`,
        content_hash: 'of metadata {}, as it was made then',
      };
      await store.client.send(new PutCommand({ TableName: tableOf(store, 'events'), Item }));
      expect(await append(store, recorded(event))).toEqual(recorded(event));
      expect(await isTaken(store, event)).toBe(false);
      const other = recorded(status({ scheduler_id, metadata: '{"a":1}' }));
      await expect(append(store, other)).rejects.toThrow(EventConflictError);
    });

    test('another request is refused', async () => {
      const scheduler_id = newId();
      await storeV1(scheduler_id);
      const other = registration({ scheduler_id, owner_email: 'budi@example.com' });
      await expect(append(store, recorded(other))).rejects.toThrow(EventConflictError);
      expect(await isTaken(store, other)).toBe(true);
    });
  });

  test('over what a newer version stored is for a newer program to judge', async () => {
    const event = heartbeat({ scheduler_id: newId() });
    const Item = {
      ...{ ...event, v: 9, accepted_at: at('17:30:00.000'), correlation_id: null, sender: null },
      'occurred_at#event_id': `${at('17:30:00.000')}#${idOf(1)}`,
      content_hash: 'of version 9',
    };
    await store.client.send(new PutCommand({ TableName: tableOf(store, 'events'), Item }));
    await expect(append(store, recorded(event))).rejects.toThrow(UnreadableEventError);
  });

  test('an event of another kind with the same key is refused', async () => {
    const scheduler_id = newId();
    await append(store, recorded(heartbeat({ scheduler_id })));
    await expect(append(store, recorded(removal({ scheduler_id })))).rejects.toThrow(EventConflictError);
  });

  test('the same id at another time, or of another scheduler, is another event', async () => {
    const [one, other] = [newId(), newId()];
    const events = [
      recorded(status({ scheduler_id: one })),
      recorded(status({ scheduler_id: one, occurred_at: at('17:30:00.001'), status: 'failed' })),
    ];
    for (const event of events) await append(store, event);
    await append(store, recorded(status({ scheduler_id: other, status: 'running' })));
    expect(await listStream(store, one)).toEqual(events);
  });

  test('many at once of one event: one is stored, all get that one', async () => {
    const scheduler_id = newId();
    const copies = Array.from({ length: 8 }, (_, n) =>
      recorded(status({ scheduler_id }), { correlation_id: `c-${n}` }),
    );
    const answers = await Promise.all(copies.map((copy) => append(store, copy)));
    const [stored] = await listStream(store, scheduler_id);
    for (const answer of answers) expect(answer).toEqual(stored);
  });
});

describe('the time to live', () => {
  const key = (scheduler_id: string, time: string) => ({
    scheduler_id,
    'occurred_at#event_id': `${time}#${idOf(1)}`,
  });

  test.each([
    ['a status', status({ occurred_at: at('17:30:00.001') }), Date.parse('2100-12-28T17:30:01Z') / 1_000],
    ['a heartbeat', heartbeat(), Date.parse('2099-11-30T17:30:00Z') / 1_000],
    ['a registration', registration(), undefined],
  ])('of %s is the second at which it no longer counts', async (_kind, event, seconds) => {
    const scheduler_id = newId();
    await append(store, recorded({ ...event, scheduler_id }));
    const row = await rawRow(store, 'events', key(scheduler_id, event.occurred_at));
    expect(row?.['expires_at']).toBe(seconds);
  });

  test.each([
    ['shifted', { start: morning }],
    ['fast', { speed: 60 }],
  ])('is not written while the clock is %s: AWS would delete what still counts', async (_how, settings) => {
    const scheduler_id = newId();
    const unreal = { ...store, clock: createClock(settings, () => morning) };
    await append(unreal, recorded(heartbeat({ scheduler_id })));
    const row = await rawRow(store, 'events', key(scheduler_id, at('17:30:00.000')));
    expect(row).toMatchObject({ type: 'heartbeat_received' });
    expect(row).not.toHaveProperty('expires_at');
  });
});

describe('a stream', () => {
  test('is read oldest first, in the order of time and id, whatever the order of appending', async () => {
    const scheduler_id = newId();
    const events = [
      heartbeat({ scheduler_id, occurred_at: at('17:00:00.000'), event_id: idOf(2) }),
      heartbeat({ scheduler_id, occurred_at: at('17:00:00.000'), event_id: idOf(9) }),
      status({ scheduler_id, occurred_at: at('17:00:00.001'), event_id: idOf(1) }),
      removal({ scheduler_id, occurred_at: at('17:00:01.000'), event_id: idOf(5) }),
    ].map((event) => recorded(event));
    for (const event of events.toReversed()) await append(store, event);
    expect(await listStream(store, scheduler_id)).toEqual(events);
  });

  test('up to an instant holds what happened at that instant and nothing later', async () => {
    const scheduler_id = newId();
    const last = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
    const events = [
      heartbeat({ scheduler_id, occurred_at: at('17:00:00.999') }),
      heartbeat({ scheduler_id, occurred_at: at('17:00:01.000'), event_id: last }),
      heartbeat({ scheduler_id, occurred_at: at('17:00:01.001') }),
    ].map((event) => recorded(event));
    for (const event of events) await append(store, event);
    expect(await listStream(store, scheduler_id, at('17:00:01.000'))).toEqual(events.slice(0, 2));
    expect(await listStream(store, scheduler_id, at('17:00:00.998'))).toEqual([]);
  });

  test('of nobody is empty, and holds no other scheduler’s events', async () => {
    const id = newId();
    await append(store, recorded(heartbeat({ scheduler_id: `${id}0` })));
    expect(await listStream(store, id)).toEqual([]);
  });

  test('leaves out what is past its retention, purged or not, to the millisecond', async () => {
    const scheduler_id = newId();
    const event = (type: typeof heartbeat | typeof status | typeof registration, age: number, n: number) =>
      recorded(type({ scheduler_id, occurred_at: utc(morning - age), event_id: idOf(n) }));
    const events = [
      event(registration, 9_000 * day, 1),
      event(status, 400 * day, 2),
      event(status, 400 * day - 1, 3),
      event(heartbeat, 7 * day, 4),
      event(heartbeat, 7 * day - 1, 5),
    ];
    for (const each of events) await append(store, each);
    const seen = await listStream(store, scheduler_id);
    expect(seen.map((each) => each.event.event_id)).toEqual([idOf(1), idOf(3), idOf(5)]);
    const later = { ...store, clock: createClock({}, () => morning + 1) };
    expect(await listStream(later, scheduler_id)).toEqual([events[0]]);
  });

  test.each([
    ['of a newer type', { type: 'job_paused' }],
    ['of a newer version', { v: 9 }],
    ['without an envelope', { accepted_at: null }],
  ])('with an event %s says which, and is read up to it', async (_, changes) => {
    const scheduler_id = newId();
    const [first, second] = [1, 2].map((n) =>
      recorded(heartbeat({ scheduler_id, occurred_at: at(`17:0${n}:00.000`), event_id: idOf(n) })),
    );
    if (first === undefined || second === undefined) throw new Error('two events');
    await append(store, first);
    const key = `${at('17:02:00.000')}#${idOf(2)}`;
    const Item = { ...second.event, ...second.envelope, ...changes, 'occurred_at#event_id': key };
    await store.client.send(new PutCommand({ TableName: tableOf(store, 'events'), Item }));
    await expect(listStream(store, scheduler_id)).rejects.toThrow(
      new UnreadableEventError(scheduler_id, key),
    );
    expect(await listStream(store, scheduler_id, at('17:01:59.999'))).toEqual([first]);
  });

  test('of more than a page is read to its end', async () => {
    const scheduler_id = newId();
    const count = 60;
    const metadata = `{"text":"${'x'.repeat(16_000)}"}`;
    const error_message = 'y'.repeat(8_000);
    const events = Array.from({ length: count }, (_, n) =>
      recorded(
        status({
          scheduler_id,
          occurred_at: utc(morning - (count - n) * minute),
          event_id: idOf(n),
          metadata,
          error_message,
        }),
      ),
    );
    await Promise.all(events.map((event) => append(store, event)));
    const { requests, stop } = watchRequests(store);
    const ids = (await listStream(store, scheduler_id)).map(({ event }) => event.event_id);
    stop();
    expect(ids).toEqual(events.map(({ event }) => event.event_id));
    expect(requests.length).toBeGreaterThan(1);
  });
});
