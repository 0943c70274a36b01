import type { Job } from './catalogue.ts';
import type { Random } from './random.ts';

/** What a failed run says. The texts look like those of real programs, hostile characters included. */
export function errorOf(job: Job, inStorm: boolean, random: Random): string {
  return random.pick(inStorm ? stormErrors : errors)(job, random);
}

/** What goes with a failure or a completion. @param isEmpty whether nothing was done */
export function metadataOf(random: Random, isEmpty: boolean): Readonly<Record<string, unknown>> {
  const host = `batch-${String(random.below(12) + 1).padStart(2, '0')}`;
  const build = `2026.${random.below(12) + 1}.${random.below(40)}`;
  const records = 1 + random.below(2_000_000);
  return { host, build, records: isEmpty ? 0 : records };
}

type Wording = (job: Job, random: Random) => string;

const errors: readonly Wording[] = [
  ({ service_name }, { below }) =>
    [
      'java.lang.IllegalStateException: batch is not balanced: debit <> credit & no override',
      `\tat com.example.${service_name}.batch.Posting.close(Posting.java:${below(400) + 20})`,
      `\tat com.example.${service_name}.batch.Job.run(Job.java:${below(200) + 20})`,
      '\tat java.base/java.lang.Thread.run(Thread.java:1583)',
      'Caused by: java.math.ArithmeticException: Rounding necessary',
      '\t... 2 more',
    ].join('\n'),
  ({ service_name }, { below }) =>
    [
      'Traceback (most recent call last):',
      `  File "/opt/${service_name}/run.py", line ${below(300) + 10}, in <module>`,
      '    main(sys.argv[1:])',
      `  File "/opt/${service_name}/steps.py", line ${below(300) + 10}, in load`,
      "    row['amount'] = Decimal(row['amount'])",
      "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]",
    ].join('\n'),
  ({ service_name }, { below }) =>
    `ERROR: duplicate key value violates unique constraint "${service_name}_batch_pkey"\nDETAIL: Key (batch_id)=(${below(900_000) + 100_000}) already exists.\nSQL state: 23505`,
  (_job, { below }) =>
    `HTTP 503 Service Unavailable from https://core.example.com/v2/accounts?page=${below(400)} after 5 attempts`,
  ({ service_name }, { below }) =>
    `write /var/spool/${service_name}/out.csv: no space left on device (disk full: 0 of ${below(80) + 20} GiB free)`,
];

/** The storm is the ledger's database failing over: everyone says so in their own words. */
const stormErrors: readonly Wording[] = [
  () => 'FATAL: terminating connection due to administrator command (host ledger-db-1, SQL state 57P01)',
  (_job, { below }) =>
    `could not connect to ledger-db-1:5432: Connection refused (attempt ${below(5) + 3} of ${below(3) + 8})`,
  () => 'ERROR: cannot execute UPDATE in a read-only transaction\nSQL state: 25006',
  ({ service_name }) =>
    [
      'org.springframework.dao.DataAccessResourceFailureException: Unable to acquire JDBC Connection',
      `\tat com.example.${service_name}.store.Ledger.open(Ledger.java:88)`,
      'Caused by: java.sql.SQLTransientConnectionException: ledger-pool - Connection is not available, request timed out after 30000ms',
    ].join('\n'),
  () => 'HTTP 503 Service Unavailable from https://ledger.example.com/v1/postings: upstream connect error',
];
