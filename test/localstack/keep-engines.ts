import { endpoints } from '../../localstack/endpoints.ts';
import { keepEngines } from '../../localstack/supervisor.ts';
import { silent } from '../../src/log.ts';

/** A program that keeps engines, as `npm start` does, for tests to kill. It prints where they answer. */
const kept = await keepEngines({ dataDir: process.argv[2] ?? ':memory:', log: silent });
process.stdout.write(`${JSON.stringify(endpoints.parse(kept))}\n`);
