import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { printable } from '../printable.ts';

/**
 * `create` makes what is missing and leaves what is there. `plan` makes nothing. `force` also changes what is there but
 * not as wished.
 */
export type Mode = 'create' | 'plan' | 'force';

export type Provisioning = {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly prefix: string;
  readonly visibilitySeconds: number;
  readonly mode: Mode;
};

export type Difference = { readonly what: string; readonly is: string; readonly wished: string };

/** What became of a table or a queue. */
export type Resource = {
  readonly kind: 'table' | 'queue';
  readonly name: string;
  /** `missing`: it was not created. `differs`: and was left so, or cannot be changed. `changed`: it is as wished now. */
  readonly outcome: 'created' | 'missing' | 'there' | 'differs' | 'changed';
  /** How it was, where that was not as wished. */
  readonly differences: readonly Difference[];
  /** What is wished and this engine does not know. */
  readonly left_out: readonly string[];
};

/** A resource in one line. */
export function resourceText({ kind, name, outcome, differences, left_out }: Resource): string {
  const unknown = left_out.length === 0 ? '' : ` (not known to this engine: ${left_out.join(', ')})`;
  const verb = outcome === 'changed' ? 'now' : 'wished';
  const how = differences.map(({ what, is, wished }) => `${what} ${is}, ${verb} ${wished}`).map(printable);
  return `${kind} ${name}: ${outcome}${how.length === 0 ? '' : `: ${how.join('; ')}`}${unknown}\n`;
}
