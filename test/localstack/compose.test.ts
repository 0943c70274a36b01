import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { readSettings, settings } from '../../src/config.ts';
import { roleNames } from '../../src/store/role-names.ts';

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  ports: z.array(z.string()).optional(),
  build: z.object({ target: z.string() }).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});
const compose = z.object({ services: z.record(z.string(), service) });

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = compose.parse(parse(text, { merge: true }));
const ours = Object.fromEntries(Object.entries(services).filter(([name]) => name !== 'localstack'));

/** What the AWS SDK reads by itself: https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html */
const sdkSettings = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];

test('every role has a service, which begins when all is provisioned', () => {
  for (const role of roleNames)
    expect(ours[role]).toMatchObject({
      command: expect.arrayContaining(['start', role]),
      depends_on: { provision: { condition: 'service_completed_successfully' } },
    });
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
  const [sources = [], local = [], production = []] = stages;
  expect([...sources, ...production].filter((line) => /localstack|include=dev/.test(line))).toEqual([]);
  expect([local.at(-1), production.at(-1)]).toEqual(['USER node', 'USER node']);
});

test('the secret by which Slack is known is nobody’s who only has this file', () => {
  for (const name of ['slack', 'workspace'])
    expect(ours[name]?.environment['SLACK_SIGNING_SECRET']).toMatch(/^\$\{SLACK_SIGNING_SECRET:\?/);
});

test('what is published is published on this machine alone', () => {
  const ports = Object.values(services).flatMap(({ ports }) => ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

/** The environment as compose passes it where the shell sets what it must, and nothing else. */
function withDefaults(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\$\{\w+:?[-?](.*)\}$/, '$1')]),
  );
}
