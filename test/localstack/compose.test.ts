import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { readSettings, settings } from '../../src/config.ts';

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  ports: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).or(z.object({ disable: z.literal(true) })),
  restart: z.string(),
  build: z.object({ target: z.string() }).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});
const compose = z.object({ services: z.record(z.string(), service) });

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = compose.parse(parse(text, { merge: true }));
const { localstack, ...ours } = services;

/** What the AWS SDK reads by itself: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
const sdkSettings = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

test('LocalStack is pinned to the last image without an account token and runs what we use', () => {
  expect(localstack?.image).toBe('localstack/localstack:4.14.0');
  expect(localstack?.environment['SERVICES']).toBe('sqs,dynamodb');
});

test('there is one service per role, and one that provisions first and ends', () => {
  expect(Object.entries(ours).map(([name, { command }]) => [name, command?.join(' ')])).toEqual([
    ['provision', 'node src/cli.ts provision'],
    ['ingress', 'node src/cli.ts start ingress'],
    ['consumer', 'node src/cli.ts start consumer'],
    ['slack', 'node src/cli.ts start slack'],
    [
      'workspace',
      'node src/cli.ts workspace --host=0.0.0.0 --allow-host=workspace --app=http://slack:3000/slack/events',
    ],
  ]);
  expect(ours['provision']?.depends_on).toEqual({ localstack: { condition: 'service_healthy' } });
  for (const role of ['ingress', 'consumer', 'slack']) {
    expect(ours[role]?.depends_on).toEqual({ provision: { condition: 'service_completed_successfully' } });
    expect(ours[role]?.restart).toBe('unless-stopped');
    expect(JSON.stringify(ours[role]?.healthcheck)).toContain('http://127.0.0.1:3000/health/ready');
  }
});

test.each(Object.keys(ours))(
  'every variable of %s is a setting that exists, with a value it takes',
  (name) => {
    const environment = withDefaults(ours[name]?.environment ?? {});
    const known = [...Object.keys(settings.shape), ...sdkSettings];
    expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
    expect(readSettings({ SLACK_CHANNEL: 'C0RONDA', ...environment })).toMatchObject({
      RONDA_BACKEND: 'aws',
      AWS_ENDPOINT_URL_SQS: 'http://localstack:4566',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://localstack:4566',
      HOST: '0.0.0.0',
      PORT: 3000,
    });
  },
);

test.each(Object.keys(ours))('%s runs with no right that it needs not', (name) => {
  expect(ours[name]).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    build: { target: name === 'workspace' ? 'local' : 'production' },
  });
});

test('the image for production, which a plain build makes, has no stand-in and no root', () => {
  const stages = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    .split(/^FROM /m)
    .slice(1)
    .map((text) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
  expect(stages.map(([from]) => from)).toEqual([
    'node:24.21.0-alpine AS sources',
    'sources AS local',
    'sources AS production',
  ]);
  const [sources = [], local = [], production = []] = stages;
  expect([...sources, ...production].filter((line) => /localstack|include=dev/.test(line))).toEqual([]);
  expect(sources).toContain('RUN npm ci --omit=dev && npm cache clean --force');
  expect([local.at(-1), production.at(-1)]).toEqual(['USER node', 'USER node']);
});

test('the secret by which Slack is known is nobody’s who only has this file', () => {
  for (const name of ['slack', 'workspace'])
    expect(ours[name]?.environment['SLACK_SIGNING_SECRET']).toMatch(/^\$\{SLACK_SIGNING_SECRET:\?/);
});

test('what is published is published on this machine alone', () => {
  const ports = Object.values(services).flatMap(({ ports }) => ports ?? []);
  expect(ports).toEqual(['127.0.0.1:4566:4566', '127.0.0.1:3000:3000', '127.0.0.1:4000:4000']);
});

/** The environment as compose passes it where the shell sets what it must, and nothing else. */
function withDefaults(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:?[-?](.*)\}$/, '$1')]),
  );
}
