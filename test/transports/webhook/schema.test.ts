import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { webhookPayload } from '../../../src/transports/webhook/payload.ts';

const docs = new URL('../../../docs/', import.meta.url);

test('docs/webhook.schema.json is the schema of what is posted', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('webhook.schema.json', docs), 'utf8'));
  expect(written).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(webhookPayload, { io: 'input' }))));
});

test('the example of docs/webhooks.md is one', () => {
  const page = readFileSync(new URL('webhooks.md', docs), 'utf8');
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']): unknown =>
    JSON.parse(text),
  );
  expect(webhookPayload.parse(examples.at(-1))).toEqual(examples.at(-1));
});
