import { testEngines } from './test-engines.ts';

export default async function globalTeardown(): Promise<void> {
  await testEngines.child?.stop();
}
