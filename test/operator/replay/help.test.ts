import { expect, test } from '@jest/globals';
import { openBackend } from '../../support/open.ts';
import { addReplay } from '../../../src/operator/replay/command.ts';
import { addVerify } from '../../../src/operator/verify/command.ts';
import { projectionNames } from '../../../src/store/projections/names.ts';
import { storedProjections } from '../../../src/store/projections/registry.ts';
import { examplesIn, run, testCli } from '../test-cli.ts';
import { eventsOf, recordAll, ronda } from './world.ts';

const backend = await openBackend();
await recordAll(backend.store, eventsOf('payroll'));

test.each([
  ['replay', addReplay],
  ['verify', addVerify],
] as const)('the help of %s fits a screen, and its examples run', async (command, add) => {
  const cli = testCli(backend);
  expect(await run(cli, add, [command, '--help'])).toBe(0);
  const examples = examplesIn(cli.out());
  expect(examples).toHaveLength(3);
  for (const example of examples) {
    expect(await ronda(backend, ...example)).toMatchObject({ code: 0, err: '' });
  }
});

test('the help names every projection that there is', () => {
  expect(storedProjections.map(({ name }) => name)).toEqual([...projectionNames]);
});
