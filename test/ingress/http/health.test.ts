import { describe, expect, test } from '@jest/globals';
import { createSqsClient } from '../../../src/queue/client.ts';
import { createDynamoDbClient, documentsOf } from '../../../src/store/client.ts';
import { roleNames } from '../../../src/store/role-names.ts';
import { beat } from '../../../src/store/roles.ts';
import { send } from '../../support/queues.ts';
import { watchRequests } from '../../store/requests.ts';
import { closedPort } from './closed-port.ts';
import { atTheEnd } from '../../support/open.ts';
import { openIngress, openWorld } from './fixtures.ts';

const nowhere = `http://127.0.0.1:${await closedPort()}`;
const { backend, ingress } = await openWorld();
const sqsAway = createSqsClient('send', nowhere);
const dynamodbAway = createDynamoDbClient(nowhere);
atTheEnd(() => {
  sqsAway.destroy();
  dynamodbAway.destroy();
});
const withoutQueue = { ...backend, sqs: { ...backend.sqs, send: sqsAway } };
const withoutTables = { ...backend, store: { ...backend.store, client: documentsOf(dynamodbAway) } };

async function probe(url: string, path: string) {
  const response = await fetch(`${url}/health${path}`);
  const json: unknown = await response.json();
  return { status: response.status, json };
}

const ok = (checks: object) => ({ status: 200, json: { status: 'ok', checks } });
const failing = (checks: object) => ({ status: 503, json: { status: 'failing', checks } });

test('/health/live is a 200 without a key while the process is up, whatever is away', async () => {
  for (const world of [backend, withoutQueue, withoutTables]) {
    const { url } = await openIngress(world);
    expect(await probe(url, '/live')).toEqual({ status: 200, json: { status: 'ok' } });
  }
});

describe('/health/ready', () => {
  test.each([
    [['ingress'], { queue: 'ok', keys: 'ok' }],
    [['consumer'], { queue: 'ok', tables: 'ok' }],
    [['slack'], { tables: 'ok', slack: 'ok' }],
    [roleNames, { queue: 'ok', keys: 'ok', tables: 'ok' }],
  ] as const)(
    'of %j looks at what it needs for its own work, and no consumer need live',
    async (roles, checks) => {
      const { url } = await openIngress(backend, { roles });
      expect(await probe(url, '/ready')).toEqual(ok(checks));
    },
  );

  test('of a lagging consumer leaves an ingress ready: a load balancer would lose events', async () => {
    await beat(backend.store, { role: 'consumer', instance: 'behind', since: 0, lag_ms: 900_000 });
    expect(await probe(ingress.url, '/ready')).toEqual(ok({ queue: 'ok', keys: 'ok' }));
  });

  test('fails for Slack only where no ingress is served', async () => {
    const slackProblem = () => 'Slack refuses the token: token_revoked';
    const alone = await openIngress(backend, { roles: ['slack'], slackProblem });
    expect(await probe(alone.url, '/ready')).toEqual(failing({ tables: 'ok', slack: slackProblem() }));
    const all = await openIngress(backend, { roles: roleNames, slackProblem });
    expect((await probe(all.url, '/ready')).status).toBe(200);
  });

  test.each([
    ['the queue', withoutQueue, ['ingress'], { queue: 'does not answer', keys: 'ok' }],
    ['the queue', withoutQueue, ['slack'], { tables: 'ok', slack: 'ok' }],
    ['DynamoDB', withoutTables, ['ingress'], { queue: 'ok', keys: 'does not answer' }],
    ['DynamoDB', withoutTables, ['consumer'], { queue: 'ok', tables: 'does not answer' }],
    ['DynamoDB', withoutTables, ['slack'], { tables: 'does not answer', slack: 'ok' }],
  ] as const)('names what fails when %s is away', async (_, world, roles, checks) => {
    const { url } = await openIngress(world, { roles });
    const isWell = Object.values(checks).every((verdict) => verdict === 'ok');
    expect(await probe(url, '/ready')).toEqual(isWell ? ok(checks) : failing(checks));
  });

  test('fails when a table is missing', async () => {
    const store = { ...backend.store, prefix: 'none-' };
    const { url } = await openIngress({ ...backend, store }, { roles: roleNames });
    const checks = { queue: 'ok', keys: 'does not answer', tables: 'does not answer' };
    expect(await probe(url, '/ready')).toEqual(failing(checks));
  });

  test('costs one look for many who ask at once, and for a second', async () => {
    let passed = 1_000;
    const store = { ...backend.store, clock: { ...backend.clock, monotonic: () => passed } };
    const { url } = await openIngress({ ...backend, store });
    const { requests, stop } = watchRequests(backend.store);
    const looks = () => requests.filter((request) => request === 'Get api-keys').length;
    await Promise.all(Array.from({ length: 50 }, () => probe(url, '/ready')));
    passed += 999;
    await probe(url, '/ready');
    expect(looks()).toBe(1);
    passed += 1;
    await probe(url, '/ready');
    stop();
    expect(looks()).toBe(2);
  });
});

describe('/health/system', () => {
  /** All that is well, but for changes: of a world of its own, on whose clock the looks do not last. */
  async function systemOf(rows: Readonly<Record<string, object>>, sends: readonly string[] = []) {
    const { backend: own } = await openWorld();
    let passed = 0;
    const store = { ...own.store, clock: { ...own.clock, monotonic: () => (passed += 10_000) } };
    const { url } = await openIngress({ ...own, store });
    const young = own.clock.real();
    for (const [instance, row] of Object.entries(rows)) {
      const role = roleNames.find((name) => instance.startsWith(name)) ?? 'ingress';
      await beat(own.store, { role, instance, since: young - 60_000, ...row });
    }
    for (const body of sends) await send(own.sqs.send, own.queues.events.deadLetterUrl, body);
    return { ...(await probe(url, '/system')), url };
  }
  const well = { ingress: {}, consumer: { read_up_to: 'idle' }, slack: { problem: null } } as const;
  const allOk = {
    ...{ ingress: 'ok', consumer: 'ok', slack: 'ok' },
    ...{ lag: 'ok', dead_letters: 'ok', watermark: 'ok' },
  };

  test('is a 200 with every part while all is well, whichever process is asked', async () => {
    expect(await systemOf(well)).toMatchObject(ok(allOk));
    expect(await systemOf({ ...well, consumer: { ...well.consumer, lag_ms: 300_000 } })).toMatchObject(
      ok(allOk),
    );
  });

  test('names every role that nobody plays, and what cannot be known without a consumer', async () => {
    const nobody = 'role consumer is not running';
    expect(await systemOf({})).toMatchObject(
      failing({
        ...{ ingress: 'role ingress is not running', consumer: nobody, slack: 'role slack is not running' },
        ...{ lag: nobody, dead_letters: 'ok', watermark: nobody },
      }),
    );
  });

  test('names lag, dead letters and what Slack has against the token', async () => {
    const problem = 'Slack refuses the token: token_revoked';
    const rows = {
      ...{ ...well, slack: { problem } },
      ...{ consumer: { read_up_to: 'idle', lag_ms: 301_000 }, 'consumer-2': { read_up_to: 'idle' } },
    };
    expect(await systemOf(rows, ['one', 'two'])).toMatchObject(
      failing({
        ...{ ...allOk, slack: problem, lag: 'events wait 301 s' },
        dead_letters: '2 in the dead-letter queues',
      }),
    );
  });

  test('says of what is away that it does not answer', async () => {
    const { url } = await openIngress(withoutTables);
    const away = 'does not answer';
    expect(await probe(url, '/system')).toEqual(
      failing({
        ...{ ingress: away, consumer: away, slack: away },
        ...{ lag: away, dead_letters: 'ok', watermark: away },
      }),
    );
    const queueless = await openIngress(withoutQueue);
    expect(await probe(queueless.url, '/system')).toMatchObject({ json: { checks: { dead_letters: away } } });
  });

  test('costs one look for many who ask at once, and for 2 s', async () => {
    let passed = 1_000;
    const store = { ...backend.store, clock: { ...backend.clock, monotonic: () => passed } };
    const { url } = await openIngress({ ...backend, store });
    const { requests, stop } = watchRequests(backend.store);
    const looks = () => requests.filter((request) => request === 'Scan roles').length;
    await Promise.all(Array.from({ length: 20 }, () => probe(url, '/system')));
    passed += 1_999;
    await probe(url, '/system');
    expect(looks()).toBe(1);
    passed += 1;
    await probe(url, '/system');
    stop();
    expect(looks()).toBe(2);
  });
});
