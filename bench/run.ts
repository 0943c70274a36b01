import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { startChild } from '../localstack/engines-child.ts';
import { awsRequests } from './aws-requests.ts';
import { consumerThroughput } from './consumer-throughput.ts';
import { eventToApplied } from './event-to-applied.ts';
import { ingressAnswer } from './ingress-answer.ts';
import { pureParts } from './pure-parts.ts';
import { replayRate } from './replay.ts';
import { table, type Results, type Row } from './results.ts';
import { stopwatch } from './statistics.ts';

/** In this order: what loads the engines least comes first. */
const benchmarks: Readonly<Record<string, (quick: boolean, events: number | undefined) => Promise<Row[]>>> = {
  'pure parts': pureParts,
  'AWS requests per event': awsRequests,
  'event to applied': eventToApplied,
  'ingress answer': ingressAnswer,
  'consumer throughput': consumerThroughput,
  replay: (quick, events = quick ? 10_000 : 50_000) => replayRate(events),
};

await new Command('bench')
  .description(
    'Measures what Ronda costs and how fast it is, on embedded engines of its own, and prints a table.',
  )
  .option('--quick', 'fewer and shorter rounds, for a first look', false)
  .option('--only <name>', `one of them: ${Object.keys(benchmarks).join(', ')}`)
  .option('--events <n>', 'how many events are replayed (default: 50000)', Number)
  .option('--json <file>', 'write the results there as JSON too')
  .action(run)
  .parseAsync();

type Flags = { quick: boolean; only?: string; events?: number; json?: string };

async function run({ quick, only, events, json }: Flags): Promise<void> {
  const elapsed = stopwatch();
  const engines = await startChild({ dataDir: ':memory:' });
  try {
    // Where the test harness looks for its engines.
    process.env['RONDA_TEST_SQS_ENDPOINT'] = engines.at.sqs;
    process.env['RONDA_TEST_DYNAMODB_ENDPOINT'] = engines.at.dynamodb;
    const rows: Row[] = [];
    for (const [name, benchmark] of Object.entries(benchmarks)) {
      if (only !== undefined && only !== name) continue;
      process.stderr.write(`${name} ... `);
      const seconds = stopwatch();
      rows.push(...(await benchmark(quick, events)));
      process.stderr.write(`${Math.round(seconds() / 1_000)} s\n`);
    }
    const results: Results = {
      quick,
      node: process.version,
      cpus: availableParallelism(),
      seconds: Math.round(elapsed() / 1_000),
      rows,
    };
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
    const { node, cpus, seconds } = results;
    process.stdout.write(`${table(rows)}\n\nNode ${node}, ${cpus} CPUs, ${seconds} s\n`);
  } finally {
    await engines.stop();
  }
}
