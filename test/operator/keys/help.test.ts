import { expect, test } from '@jest/globals';
import { examplesIn } from '../test-cli.ts';
import { openKeys } from './tool.ts';

const { keys: help } = await openKeys();

test.each([[[]], [['create']], [['list']], [['rotate']], [['revoke']]])(
  'ronda keys %j --help fits a screen, and its examples run',
  async (command: string[]) => {
    const { code, out } = await help([...command, '--help']);
    expect(code).toBe(0);
    for (const [program, ...argv] of examplesIn(out)) {
      expect(program).toBe('keys');
      const { keys } = await openKeys();
      await keys(['create', argv[0] === 'create' ? 'another' : 'billing']);
      expect(await keys(argv)).toMatchObject({ code: 0 });
    }
  },
);
