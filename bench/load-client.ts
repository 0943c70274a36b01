import { Agent, request } from 'node:http';
import { createClock } from '../src/clock.ts';
import { statusBody } from './fixtures.ts';
import { loadJob, type LoadJob, type LoadOutcome } from './load-job.ts';
import { quantile, stopwatch } from './statistics.ts';

const clock = createClock();
let sequence = 0;

async function load({ url, apiKey, schedulers, clients, ms }: LoadJob): Promise<LoadOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  const elapsed = stopwatch();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (elapsed() < ms) {
        sequence += 1;
        const id = schedulers[sequence % schedulers.length] ?? '';
        const body = JSON.stringify(statusBody(id, clock.now(), sequence));
        const latency = stopwatch();
        await put(agent, `${url}/api/v1/schedulers/${id}/status`, apiKey, body);
        latencies.push(latency());
      }
    }),
  );
  const perSecond = (latencies.length / elapsed()) * 1_000;
  agent.destroy();
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), perSecond };
}

function put(agent: Agent, url: string, apiKey: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': apiKey,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    request(url, { agent, method: 'PUT', headers }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`answered ${response.statusCode ?? 'nothing'}`));
      });
    })
      .once('error', reject)
      .end(body);
  });
}

// It ends when its parent lets go of the channel.
process.on('message', (message) => {
  void load(loadJob.parse(message)).then((outcome) => process.send?.(outcome));
});
